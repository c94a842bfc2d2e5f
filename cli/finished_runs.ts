/** What the commands on finished runs do; none opens an engine. */
import type { CardRequest } from "./card.ts";
import type { CompareRequest } from "./compare.ts";
import type { Context } from "./context.ts";
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
