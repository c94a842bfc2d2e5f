/**
 * What llama.cpp makes of a GGUF file, through node-llama-cpp: run with the folder that has it installed as working
 * directory. Reads one JSON request from standard input, writes one JSON answer.
 *
 * Request: `model`; `texts` to tokenise; `prompts` (ids) to continue greedily by `tokens`; `rows` (ids) whose every
 * token's loss is wanted.
 */
import { createRequire } from "node:module";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

const require = createRequire(`${process.cwd()}/package.json`);
const { getLlama, LlamaLogLevel } = await import(pathToFileURL(require.resolve("node-llama-cpp")).href);
const request = JSON.parse(await text(process.stdin));
const warnings = [];
const llama = await getLlama({
  ...{ gpu: false, build: "never", progressLogs: false },
  logLevel: LlamaLogLevel.warn,
  logger: (_level, message) => warnings.push(message),
});
const model = await llama.loadModel({ modelPath: request.model });

/** A fresh sequence that keeps keys and values in float32. */
async function withSequence(work) {
  const options = { contextSize: 512, batchSize: 512, threads: 1, experimentalKvCacheKeyType: "F32" };
  const context = await model.createContext({ ...options, experimentalKvCacheValueType: "F32" });
  try {
    return await work(context.getSequence());
  } finally {
    await context.dispose();
  }
}

async function continued(ids) {
  return await withSequence(async (sequence) => {
    const output = [];
    for await (const id of sequence.evaluate(ids, { temperature: 0 })) {
      output.push(id);
      if (output.length === request.tokens) break;
    }
    return output;
  });
}

async function losses(ids) {
  return await withSequence(async (sequence) => {
    const found = [];
    const inputs = ids.map((id, i) => {
      if (i + 1 === ids.length) return id;
      const logits = { filter: { tokens: [ids[i + 1]], includeSelected: true } };
      return [id, { generateNext: { logits, totalLogitWeight: true, options: { temperature: 0 } } }];
    });
    await sequence.controlledEvaluate(inputs, {
      // totalLogitWeight is the sum of exp(logit - largest); at temperature 0 the largest is that of the selected token.
      onTokenResult: (i, { next: { logits, totalLogitWeight } }) => {
        found[i] = Math.log(totalLogitWeight) + Math.max(...logits.values()) - logits.get(ids[i + 1]);
      },
    });
    return found;
  });
}

const each = async (items, work) => {
  const results = [];
  for (const item of items ?? []) results.push(await work(item));
  return results;
};
const answer = {
  release: llama.llamaCppRelease.release,
  ids: (request.texts ?? []).map((text) => model.tokenize(text, false)),
  addsBos: model.tokens.shouldPrependBosToken,
  outputs: await each(request.prompts, continued),
  losses: await each(request.rows, losses),
  warnings,
};
await llama.dispose();
process.stdout.write(JSON.stringify(answer));
process.exit(0);
