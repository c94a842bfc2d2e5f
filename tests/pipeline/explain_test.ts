/** One token's way through Pebble, forward and in a training step: every stop agrees with f64 and points at its line. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Engine, openEngine, UsageError } from "../../engine/mod.ts";
import {
  type ExplainRequest,
  type Explanation,
  formatExplanation,
  runExplain,
} from "../../pipeline/explain/mod.ts";
import { resolveConfig } from "../../train/config/mod.ts";
import { goldenPath } from "../support/command.ts";
import { gpuTest, sharedEngine } from "../support/engine.ts";
import { rejectsWith } from "../support/errors.ts";
import { inTemporaryDirectory } from "../support/temporary.ts";
import { smallTokenizer } from "../support/tokenizer.ts";

const TEXT = "Mia has a cup. The cup is red.";
const REPORTER = { update: () => {}, note: () => {}, signal: new AbortController().signal };

async function explain(
  options: Partial<ExplainRequest> & { readonly set?: readonly string[] } = {},
  engine?: Engine,
): Promise<Explanation> {
  const { set = [], ...rest } = options;
  const loss = { kind: "forward_kl", alpha: 0.5, beta: 0.5, temperature: 2 } as const;
  const config = await resolveConfig({ command: { loss, prune: { drop: [8, 3, 6, 9] } }, set });
  const request = {
    model: "pebble",
    text: TEXT,
    backward: false,
    token: undefined,
    layer: undefined,
    op: undefined,
  };
  return await runExplain(
    async () => engine ?? await sharedEngine(),
    { ...request, config, ...rest },
    REPORTER,
  );
}

/** Every result is near its definition, and every source names a line that writes to something. */
async function check({ stops }: Pick<Explanation, "stops">): Promise<void> {
  for (const { op, scope, reference, source, hand, formula } of stops) {
    const name = `${op} in ${scope}`, [file, line] = source.split(":") as [string, string];
    assert.ok(formula.length > 3, name);
    if (reference) {
      // A loss is a difference of numbers as large as logits, and near 0 where the word was foreseen.
      const allowed = 1e-5 * (op === "cross_entropy" ? 25 : reference.largest) + 1e-9;
      assert.ok(reference.difference <= allowed, `${name}: ${reference.difference} of ${reference.largest}`);
      assert.ok(hand.length > 0, name);
    }
    if (file.startsWith("generated/")) continue;
    const lines = (await Deno.readTextFile(new URL(`../../${file}`, import.meta.url))).split("\n");
    assert.match(lines[Number(line) - 1]!, /\] [-+*]?= |\(.*\)/, `${name} at ${source}`);
    assert.ok(!lines[Number(line) - 1]!.startsWith("fn main"), `${name} at ${source}: the line is not known`);
  }
}

gpuTest("a forward pass: from the lookup over one block to the loss", async () => {
  const explanation = await explain({ layer: 5, token: 4 });
  await check(explanation);
  const { stops, stream, tokens } = explanation;
  assert.deepEqual(stops.map(({ op }) => op), [
    "embedding",
    ...[
      "rms_norm",
      "matmul",
      "rms_norm",
      "rope",
      "matmul",
      "rms_norm",
      "rope",
      "matmul",
      "attention",
      "matmul",
      "rms_norm",
    ],
    ...["rms_norm", "gated_linear", "gated_linear", "matmul", "rms_norm"],
    ...["rms_norm", "logits", "cross_entropy"],
  ]);
  assert.ok(stops.every(({ reference }) => reference), "each is compared with f64");
  assert.equal(stream.length, 12);
  assert.ok(stream.every(({ cosine }) => cosine > 0.5 && cosine < 1));
  const attention = stops.find(({ op }) => op === "attention")!;
  assert.equal(attention.scope, "block 5/attention");
  // Causal: no head looks at what comes later.
  for (const line of attention.hand.slice(0, 4)) {
    const looked = [...line.replace(/^head \d looks at /, "").matchAll(/(?:^|, )(\d+) "/g)].map(([, at]) =>
      Number(at)
    );
    assert.ok(looked.length === 5 && looked.every((at) => at <= 4), line);
  }
  assert.equal(tokens[0]!.piece, "<bos>");
});

gpuTest("a training step: both losses' gradients, the way back and one weight's update", async () => {
  const explanation = await explain({ backward: true, layer: 3 }), { stops, stream, dropped } = explanation;
  await check(explanation);
  assert.deepEqual(dropped, [8, 3, 6, 9]);
  assert.equal(stream.length, 8);
  assert.ok(stream.every(({ gradientRms }) => gradientRms! > 0));
  const ops = stops.map(({ op }) => op),
    spoken = stops.filter(({ reference }) => reference).map(({ op }) => op);
  for (
    const op of ["pair_loss", "logits.backward", "gated_gelu.backward", "rope.backward", "clip", "adamw"]
  ) {
    assert.ok(spoken.includes(op), `${op} of ${ops}`);
  }
  assert.equal(
    spoken.filter((op) => op === "matmul.backward").length,
    14,
    "to inputs and to weights of seven layers",
  );
  assert.equal(spoken.filter((op) => op === "attention.backward").length, 2);
  assert.equal(spoken.at(-1), "adamw");
  const text = formatExplanation(explanation);
  assert.match(text, /a training step of the student without blocks 8, 3, 6, 9; the teacher has them all\n/);
  assert.match(text, /\n {5} +student q +teacher p +d CE +d forward_kl +gradient +device {2}word\n/);
  assert.match(text, /it moved by -?0\.000\d+: in the first step about the learning rate/);
});

gpuTest("the published loss has no gradient, and the explanation shows it", async () => {
  const { stops: [stop, ...others] } = await explain({
    backward: true,
    op: "pair_loss",
    set: ["loss.kind=legacy-v1"],
  });
  assert.equal(others.length, 0);
  const norms = stop!.hand[0]!.match(/norms of their gradients (\S+) and (\S+)$/)!.slice(1).map(Number);
  assert.ok(norms[0]! > 1e-3 && norms[1]! < 1e-14, `${norms}`);
  const alone = await explain({ backward: true, op: "pair_loss", set: ["loss.kind=cross_entropy"] });
  assert.match(alone.stops[0]!.hand[0]!, /T² D 0; norms of their gradients \S+ and 0$/);
});

gpuTest("a device without subgroups runs other kernels, and they are explained as well", async () => {
  const engine = await openEngine({ subgroups: false });
  for (const backward of [false, true]) await check(await explain({ backward }, engine));
  engine.close();
});

/** Odd sizes, windows narrower than the text, shared heads, and in tiny_d a soft cap. */
for (const name of ["tiny_a", "tiny_b", "tiny_c", "tiny_d"]) {
  gpuTest(`${name}, forward and in a training step`, () =>
    inTemporaryDirectory(async (directory) => {
      await Deno.writeTextFile(join(directory, "tokenizer.json"), JSON.stringify(smallTokenizer()));
      const options = { model: goldenPath(name), text: "A1B2C3D4E5", layer: 1 };
      const set = [`tokenizer=${directory}`, "prune.drop=2"];
      await check(await explain({ ...options, set }));
      const { stops } = await explain({ ...options, set, backward: true });
      await check({ stops });
      const logits = stops.find(({ op }) => op === "logits")!;
      assert.equal(/tanh/.test(logits.formula), name === "tiny_d");
    }));
}

gpuTest("a first token alone predicts, and is not scored", async () => {
  const { stops, token } = await explain({ text: "", op: "cross_entropy" });
  assert.equal(token, 0);
  assert.deepEqual(stops[0]!.hand, ["no word follows, so nothing is scored here"]);
});

gpuTest("tokens, blocks and ops that do not exist: the range, or the nearest name", async () => {
  const cases: [Parameters<typeof explain>[0], string][] = [
    [
      { text: "Mia", token: 9 },
      'Cannot explain token 9: the text has tokens 0 to 2 (0 "<bos>", 1 "M", 2 "ia"); choose among them',
    ],
    [{ layer: 12 }, "Cannot explain block 12: the model has blocks 0 to 11; choose among them"],
    [
      { layer: 8, backward: true },
      "Cannot explain block 8: the model has blocks 0 to 7; choose among them",
    ],
    [{ op: "atention" }, 'Cannot explain the op "atention": it is not on the way; did you mean "attention"?'],
    [
      { op: "xyzzy" },
      'Cannot explain the op "xyzzy": it is not on the way; choose among embedding, rms_norm, matmul, rope, attention, gated_linear, logits, cross_entropy',
    ],
    [{ text: "cup ".repeat(200) }, "Cannot explain a text of 203 tokens: give one of at most 128"],
  ];
  for (const [options, message] of cases) await rejectsWith(explain(options), UsageError, message);
});
