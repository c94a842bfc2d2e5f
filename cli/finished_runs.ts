/** What the commands on finished runs and models do; none opens an engine. */
import { formatBytes } from "../pipeline/format.ts";
import type { CardRequest } from "./card.ts";
import type { CompareRequest } from "./compare.ts";
import type { Context } from "./context.ts";
import type { ExportRequest } from "./export.ts";
import { answer } from "./jobs.ts";

/** A card, written or checked. */
export async function card(request: CardRequest, context: Context): Promise<void> {
  if ("check" in request) {
    const { checkCardFile, formatCheck } = await import("../pipeline/check_card/mod.ts");
    const check = await checkCardFile(request.check);
    return answer(context, request.json, check, formatCheck(check));
  }
  const { writeCard } = await import("../pipeline/card/mod.ts");
  const path = await writeCard(request.run, request.facts);
  answer(context, request.json, { card: path }, `Written to ${path}`);
}

/** Runs side by side. */
export async function compare({ runs, json }: CompareRequest, context: Context): Promise<void> {
  const { runCompare } = await import("../pipeline/compare.ts");
  const { formatComparison } = await import("../pipeline/compare_text.ts");
  const comparison = await runCompare(runs);
  answer(context, json, comparison, formatComparison(comparison));
}

/** A model as one file. */
export async function exportModel(
  { source, opening, out, type, json }: ExportRequest,
  context: Context,
): Promise<void> {
  const { exportedModel, runExport } = await import("../pipeline/export.ts");
  const { progress, signal } = context, model = await exportedModel(source);
  const result = await runExport(model, opening, out, type, { ...progress, signal });
  const { file, tensors, bytes } = result;
  answer(
    context,
    json,
    result,
    `Written to ${file}: ${tensors} tensors, ${formatBytes(bytes)}, ${result.type}`,
  );
}
