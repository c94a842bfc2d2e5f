/** Decoding with the key-value cache: against the whole forward pass, and against transformers' `generate`. */
import assert from "node:assert/strict";
import { type Engine, listen } from "../../engine/mod.ts";
import { generate, type GenerateOptions } from "../../model/generate/mod.ts";
import { cacheBytes, createDecoder, type Gemma3, loadGemma3, releaseGemma3 } from "../../model/gemma3/mod.ts";
import { assertClose } from "../support/close.ts";
import { gpuTest } from "../support/engine.ts";
import {
  GOLDEN_MODELS,
  goldenJson,
  goldenRows,
  loadGoldenModel,
  runForward,
  withGoldenModel,
} from "../support/golden_models.ts";

interface Golden {
  settings: Record<string, unknown>;
  runs: { case: string; settings: Record<string, unknown>; input_ids: number[]; output_ids: number[] }[];
}

/** Logits are below 32 in size; sums of at most 64 products in another order. */
const ABSOLUTE = 2e-5;

function camelCase(options: Record<string, unknown>): GenerateOptions {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );
}

/** A tiny model on the device for the length of `use`. */
async function withModel(
  engine: Engine,
  name: string,
  use: (model: Gemma3) => Promise<void>,
  positions?: number,
): Promise<void> {
  const model = positions === undefined ? await loadGoldenModel(engine, name) : await withGoldenModel(
    name,
    ({ config, weights }) => loadGemma3(engine, config, weights.readF32, { label: name, positions }),
  );
  try {
    await use(model);
  } finally {
    releaseGemma3(engine, model);
  }
}

for (const name of GOLDEN_MODELS) {
  gpuTest(
    `${name}: logits step by step are those of the whole forward pass`,
    (engine) =>
      withModel(engine, name, async (model) => {
        const ids = (await goldenRows(name, 3))[2]!, V = model.config.vocabSize, start = 3;
        assert.ok(ids.length > 2 * model.config.slidingWindow, "the text must outgrow the window");
        const { logits } = await runForward(engine, model, ids);
        const decoder = createDecoder(engine, model, { maxLength: ids.length });
        for (let t = start; t <= ids.length; t++) {
          const actual = t === start
            ? await decoder.prefill([[...ids.subarray(0, t)]])
            : await decoder.step([ids[t - 1]!], [0]);
          assertClose(actual, logits.subarray((t - 1) * V, t * V), `after ${t} tokens`, 1e-5, ABSOLUTE);
        }
        decoder.close();
      }),
  );
}

/** Models take turns in preparing Programs, so that their many short waits for the device can overlap. */
function takingTurns(engine: Engine): Engine {
  let last: Promise<unknown> = Promise.resolve();
  const prepare: Engine["prepare"] = (program) => {
    const turn = last.then(() => engine.prepare(program));
    last = turn;
    return turn;
  };
  return { ...engine, prepare };
}

gpuTest("greedy, beam and constrained continuations are transformers', token for token", async (engine) => {
  const shared = takingTurns(engine);
  await Promise.all(GOLDEN_MODELS.map((name) =>
    withModel(shared, name, async (model) => {
      const { settings, runs } = await goldenJson<Golden>(name, "generation.json");
      const { pad_token_id: _, ...common } = settings;
      const decoder = createDecoder(shared, model, { maxLength: 31, maxRows: 4 });
      for (const run of runs) {
        const { outputIds } = await generate(
          decoder,
          run.input_ids,
          camelCase({ ...common, ...run.settings }),
        );
        assert.deepEqual(outputIds, run.output_ids, `${name}: ${run.case} after ${run.input_ids}`);
      }
      decoder.close();
    })
  ));
});

gpuTest(
  "a prompt longer than one piece gives the logits of the whole forward pass",
  (engine) =>
    withModel(engine, "tiny_micro", async (model) => {
      const V = model.config.vocabSize, ids = Uint32Array.from({ length: 300 }, (_, i) => 3 + (i * i) % 37);
      const { logits } = await runForward(engine, model, ids);
      const decoder = createDecoder(engine, model, { maxLength: 300 });
      const actual = await decoder.prefill([[...ids]]);
      assertClose(actual, logits.subarray(299 * V), "after 300 tokens", 1e-5, ABSOLUTE);
      decoder.close();
    }, 300),
);

/** The same engine, but as if one binding covered no more than `maxBinding` bytes. */
const narrowed = (engine: Engine, maxBinding: number): Engine => ({
  ...engine,
  target: { ...engine.target, maxBinding },
});

gpuTest(
  "where bindings are narrow, prompts are fed in smaller pieces",
  (engine) =>
    withModel(engine, "tiny_micro", async (model) => {
      const V = model.config.vocabSize, ids = Uint32Array.from({ length: 120 }, (_, i) => 3 + (i * i) % 37);
      const { logits } = await runForward(engine, model, ids);
      const fed: string[] = [];
      const narrow = narrowed({
        ...engine,
        prepare: (program) => {
          fed.push(program.name);
          return engine.prepare(program);
        },
      }, 4096); // the inside of the MLP is 20 numbers a token, 80 bytes
      const decoder = createDecoder(narrow, model, { maxLength: 120 });
      const actual = await decoder.prefill([[...ids]]);
      assert.deepEqual(fed, ["generate 1 x 51", "generate 1 x 51", "generate 1 x 18"]);
      assertClose(actual, logits.subarray(119 * V), "after 120 tokens", 1e-5, ABSOLUTE);
      decoder.close();
      assert.throws(() => createDecoder(narrow, model, { maxLength: 120, maxRows: 2 }), {
        name: "DeviceError",
        message:
          "Cannot cache 2 rows of 120 tokens: the keys of one block are 1440 numbers and a binding of this device " +
          "covers 1024; give a shorter prompt, a lower max_new_tokens or a lower num_beams",
      });
    }, 120),
);

gpuTest(
  "rows fork, change places and end as their parents say",
  (engine) =>
    withModel(engine, "tiny_c", async (model) => {
      const V = model.config.vocabSize, decoder = createDecoder(engine, model, { maxLength: 12, maxRows: 3 });
      const alone = createDecoder(engine, model, { maxLength: 12 });
      let rows = [[2, 9, 40, 17, 5], [2, 77, 3, 8, 120]];
      let logits = await decoder.prefill(rows);
      const changes = [
        { tokens: [6, 7, 8], parents: [1, 0, 1] },
        { tokens: [9, 10], parents: [2, 1] },
        { tokens: [11, 12, 13], parents: [1, 1, 0] },
      ];
      for (const change of [undefined, ...changes]) {
        if (change) {
          rows = change.tokens.map((token, r) => [...rows[change.parents[r]!]!, token]);
          logits = await decoder.step(change.tokens, change.parents);
        }
        assert.equal(logits.length, rows.length * V);
        for (const [r, row] of rows.entries()) {
          const expected = await alone.prefill([row]);
          assertClose(logits.subarray(r * V, (r + 1) * V), expected, `row ${r} [${row}]`, 1e-5, ABSOLUTE);
        }
      }
      decoder.close();
      alone.close();
    }),
);

gpuTest(
  "the same calls give the same bits, whatever the cache held before",
  (engine) =>
    withModel(engine, "tiny_b", async (model) => {
      const decoder = createDecoder(engine, model, { maxLength: 20 });
      const first = [await decoder.prefill([[2, 5, 9]]), await decoder.step([7], [0])];
      await decoder.prefill([Array.from({ length: 20 }, (_, i) => 3 + i)]);
      assert.deepEqual([await decoder.prefill([[2, 5, 9]]), await decoder.step([7], [0])], first);
      decoder.close();
    }),
);

gpuTest(
  "what does not fit is refused, and the decoder goes on",
  (engine) =>
    withModel(engine, "tiny_micro", async (model) => {
      const refused = (what: Promise<unknown>, name: string, message: string) =>
        assert.rejects(what, { name, message });
      const decoder = createDecoder(engine, model, { maxLength: 4 });
      await refused(
        decoder.step([3], [0]),
        "TypeError",
        "Cannot continue rows [0] by 1 tokens as there are 0 rows",
      );
      await refused(
        decoder.prefill([[2, 3, 4, 5, 6]]),
        "UsageError",
        "Cannot hold 5 tokens: the decoder was made for 4, prompt and continuation together; make it for more, or give " +
          "a shorter prompt or a lower max_new_tokens",
      );
      await decoder.prefill([[2, 3, 4]]);
      await refused(
        decoder.step([41], [0]),
        "UsageError",
        "Cannot generate from token id 41: it is outside the vocabulary; give ids from 0 to 40",
      );
      await refused(
        decoder.step([3, 4], [0, 0]),
        "UsageError",
        "Cannot continue 2 rows at once: the decoder was made for 1; make it for more",
      );
      await refused(
        decoder.step([3], [1]),
        "TypeError",
        "Cannot continue rows [1] by 1 tokens as there are 1 rows",
      );
      assert.deepEqual(await decoder.step([3], [0]), await decoder.prefill([[2, 3, 4, 3]]));
      await refused(
        decoder.step([3], [0]),
        "UsageError",
        "Cannot hold 5 tokens: the decoder was made for 4, prompt and continuation together; make it for more, or give " +
          "a shorter prompt or a lower max_new_tokens",
      );
      await refused(
        decoder.prefill([[2, 3], [2]]),
        "TypeError",
        "Cannot feed prompts of different lengths; feed them one after another",
      );
      decoder.close();
      assert.throws(() => createDecoder(engine, model, { maxLength: 513 }), {
        name: "UsageError",
        message: "Cannot generate up to 513 tokens, prompt included: the model has 512 positions " +
          "(max_position_embeddings); give a shorter prompt or a lower max_new_tokens",
      });
      assert.throws(() => createDecoder(engine, model, { maxLength: 33 }), {
        name: "UsageError",
        message:
          "Cannot generate up to 33 tokens, prompt included: the model was loaded for 32 positions; load it for more",
      });
    }),
);

gpuTest(
  "the cache has the size that its formula says, and close gives it back",
  (engine) =>
    withModel(engine, "tiny_c", async (model) => {
      const held = new Map<string, number>();
      const stop = listen((event) => {
        if (event.kind !== "allocate" && event.kind !== "free") return;
        held.set(
          event.label,
          (held.get(event.label) ?? 0) + (event.kind === "allocate" ? 1 : -1) * event.bytes,
        );
      });
      const options = { maxLength: 20, maxRows: 2 }, decoder = createDecoder(engine, model, options);
      await decoder.prefill([[2, 3], [2, 4]]);
      const sum = (labels: RegExp) =>
        [...held].reduce((total, [label, bytes]) => labels.test(label) ? total + bytes : total, 0);
      assert.equal(sum(/^(keys|values) \d+$/), cacheBytes(model.config, options));
      decoder.close();
      stop();
      const left = [...held].filter(([label, bytes]) => bytes !== 0 && !/^pool \d+$| params$/.test(label));
      assert.deepEqual(left, []);
    }),
);
