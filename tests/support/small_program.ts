import {
  createTensor,
  type Engine,
  matmul,
  output,
  type Prepared,
  record,
  scale,
  softmax,
  type Tensor,
} from "../../engine/mod.ts";

/** A Program of three ops, four dispatches, prepared and with its inputs written. */
export async function smallProgram(engine: Engine): Promise<{ x: Tensor; y: Tensor; prepared: Prepared }> {
  const x = createTensor("x", "input", [4, 8]), w = createTensor("w", "parameter", [6, 8]);
  const { program, result: y } = record(
    "small",
    engine.target,
    () => output("y", softmax(scale(matmul(x, w, "NT"), 2))),
  );
  const prepared = await engine.prepare(program);
  await engine.write(x, Float32Array.from({ length: 32 }, (_, i) => i / 32));
  await engine.write(w, Float32Array.from({ length: 48 }, (_, i) => Math.sin(i)));
  return { x, y, prepared };
}
