/** What the command `view` does: a page is built, written, served. */
import type { Context } from "./context.ts";
import type { ViewRequest } from "./view.ts";
import { withEngine } from "./with_engine.ts";

/** The page of a recorded step, or the one that plays. */
export async function view(request: ViewRequest, context: Context): Promise<void> {
  const { progress, signal, io } = context, { out, port } = request, reporter = { ...progress, signal };
  const { buildPlay, buildView, servePage } = await import("../pipeline/view/mod.ts");
  const { writeFileAtomic } = await import("../model/files/mod.ts");
  const page = request.play
    ? await buildPlay(reporter)
    : await withEngine(context, (open) => buildView(open, request, reporter), {
      subgroups: request.subgroups,
    });
  progress.end();
  if (out !== undefined) {
    await writeFileAtomic(out, page);
    io.stdout(`Written to ${out}: ${(page.length / 1e6).toFixed(1)} MB, one file\n`);
  }
  if (port !== undefined) {
    await servePage(page, port, signal, (address) => io.stdout(`Serving ${address} until Ctrl-C\n`));
  }
}
