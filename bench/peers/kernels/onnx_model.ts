/** ONNX models of one node, written by hand in protobuf's wire format (onnx/onnx.proto gives the field numbers). */
import { EPS, type Problem, shapesOf } from "./problem.ts";

const IR_VERSION = 8, OPSET = 17, FLOAT = 1, ATTRIBUTE = { float: 1, int: 2 } as const;

/** An integer in seven bits a byte; negative ones in two's complement of 64 bits. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}

const integer = (field: number, value: number) => [...varint(field << 3), ...varint(value)];
const message = (field: number, body: readonly number[]) => [
  ...varint(field << 3 | 2),
  ...varint(body.length),
  ...body,
];
const text = (field: number, value: string) => message(field, [...new TextEncoder().encode(value)]);
const float = (field: number, value: number) => [
  ...varint(field << 3 | 5),
  ...new Uint8Array(Float32Array.of(value).buffer),
];

/** ValueInfoProto: a float tensor's name and shape. */
function valueInfo(name: string, shape: readonly number[]): number[] {
  const dimensions = shape.flatMap((size) => message(1, integer(1, size)));
  return [...text(1, name), ...message(2, message(1, [...integer(1, FLOAT), ...message(2, dimensions)]))];
}

const intAttribute = (name: string, value: number) =>
  message(5, [...text(1, name), ...integer(3, value), ...integer(20, ATTRIBUTE.int)]);
const floatAttribute = (name: string, value: number) =>
  message(5, [...text(1, name), ...float(2, value), ...integer(20, ATTRIBUTE.float)]);

/** Operator and attributes of a problem. */
function operator(problem: Problem): { type: string; attributes: number[] } {
  if (problem.kind === "matmul") {
    if (problem.layout === "NN") return { type: "MatMul", attributes: [] };
    return { type: "Gemm", attributes: intAttribute(problem.layout === "TN" ? "transA" : "transB", 1) };
  }
  const axis = intAttribute("axis", -1);
  if (problem.kind === "softmax") return { type: "Softmax", attributes: axis };
  return { type: "SimplifiedLayerNormalization", attributes: [...axis, ...floatAttribute("epsilon", EPS)] };
}

/** Names of a problem's inputs in its model; the output is `c`. */
export function inputNames({ kind }: Problem): ("a" | "b")[] {
  return kind === "softmax" ? ["a"] : ["a", "b"];
}

/** The model of a problem, as bytes. */
export function onnxModel(problem: Problem): Uint8Array {
  const shapes = shapesOf(problem), names = inputNames(problem), { type, attributes } = operator(problem);
  const node = [...names.flatMap((name) => text(1, name)), ...text(2, "c"), ...text(4, type), ...attributes];
  const graph = [
    ...message(1, node),
    ...text(2, "peer"),
    ...names.flatMap((name) => message(11, valueInfo(name, shapes[name]))),
    ...message(12, valueInfo("c", shapes.c)),
  ];
  return Uint8Array.from([
    ...integer(1, IR_VERSION),
    ...message(7, graph),
    ...message(8, [...text(1, ""), ...integer(2, OPSET)]),
  ]);
}
