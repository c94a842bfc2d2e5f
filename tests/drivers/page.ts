/** The walk as a page: flags come in the address, lines go back to the server that gave it. */
import { type Adapter, type Walked, walkOps } from "./walk.ts";

const lines: (Adapter | Walked | { readonly failure: string })[] = [];
try {
  await walkOps(decodeURIComponent(location.search.slice(1)).split(" "), (line) => void lines.push(line));
} catch (error) {
  lines.push({ failure: String(error) });
}
await fetch("/lines", { method: "POST", body: JSON.stringify(lines) });
