/** What the commands on finished runs and models do; none opens an engine. */
import { UsageError } from "../engine/mod.ts";
import type { CardRequest } from "./card.ts";
import type { CompareRequest } from "./compare.ts";
import { type Context, reporterOf } from "./context.ts";
import type { ExportRequest } from "./export.ts";
import { formatBytes } from "../pipeline/format.ts";
import { answer } from "./jobs.ts";
import type { PushRequest } from "./push.ts";

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

/** A student on the hub. */
export async function push(request: PushRequest, context: Context): Promise<void> {
  const { hubSettings } = await import("../model/hub/mod.ts");
  const { formatPush, planPush, runPush } = await import("../pipeline/push.ts");
  const { run, repo, yes, json } = request, settings = await hubSettings();
  const plan = await planPush(settings, run, repo, request, context.signal);
  if (request.dryRun) return answer(context, json, plan, `${formatPush(plan)}; nothing was sent`);
  const replaced = plan.files.filter(({ change }) => change === "replaces").map(({ path }) => path);
  if (replaced.length > 0 && !yes) {
    const agreed = context.io.confirm(`${formatPush(plan)}\nReplace ${replaced.join(", ")}?`);
    if (!agreed) {
      throw new UsageError(
        `Cannot push to ${repo}: ${replaced.join(", ")} would be replaced${
          agreed === undefined ? " and there is no terminal to ask" : ""
        }; add --yes, or --dry-run to see more`,
      );
    }
  }
  const commit = await runPush(settings, plan, reporterOf(context)) ?? plan.commit;
  const isNew = commit !== plan.commit;
  answer(
    context,
    json,
    { ...plan, commit },
    isNew
      ? `Pushed to ${plan.url} at commit ${commit}`
      : `${plan.url} has it all already, at commit ${commit}`,
  );
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
