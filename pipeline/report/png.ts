/** SVG into PNG, with a font that is the same on every machine. */
import { initWasm, Resvg } from "@resvg/resvg-wasm";
// Names the package, so that Deno has it on disk; the fonts beside it are read below.
import fontPackage from "@expo-google-fonts/atkinson-hyperlegible/package.json" with { type: "json" };
import { readBytes } from "../../model/files/mod.ts";
import { fileURLToPath } from "node:url";

/** Atkinson Hyperlegible of the Braille Institute, under the SIL Open Font License 1.1. */
const FONT = { package: fontPackage.name, family: "Atkinson Hyperlegible" };
const FACES = [
  "400Regular/AtkinsonHyperlegible_400Regular.ttf",
  "700Bold/AtkinsonHyperlegible_700Bold.ttf",
] as const;

/** Pixels for a unit of the drawing, for screens that have more than one. */
const ZOOM = 2;

/** Draws SVG files as PNG; what it needs is read once, when first asked for. */
export async function pngOf(svg: string): Promise<Uint8Array> {
  const drawn = new Resvg(svg, {
    fitTo: { mode: "zoom", value: ZOOM },
    font: { fontBuffers: await fonts(), defaultFontFamily: FONT.family, sansSerifFamily: FONT.family },
  });
  const image = drawn.render(), bytes = image.asPng();
  image.free();
  drawn.free();
  return bytes;
}

let loaded: Promise<Uint8Array[]> | undefined;

function fonts(): Promise<Uint8Array[]> {
  return loaded ??= (async () => {
    await initWasm(await packaged("@resvg/resvg-wasm/index_bg.wasm"));
    return await Promise.all(FACES.map((face) => packaged(`${FONT.package}/${face}`)));
  })();
}

/** A file of a package that is imported here. */
const packaged = (specifier: string): Promise<Uint8Array<ArrayBuffer>> =>
  readBytes(fileURLToPath(import.meta.resolve(specifier)));
