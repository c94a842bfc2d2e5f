import type { BenchCase, BenchInput } from "./values.ts";

type Axes = readonly number[];

/** A model as far as its ops can tell: rows of tokens, widths, heads, vocabulary, and rows of one chunk of logits. */
interface Widths {
  readonly name: string;
  readonly rows: number;
  readonly length: number;
  readonly hidden: number;
  readonly inner: number;
  readonly heads: number;
  readonly head: number;
  readonly window: number;
  readonly vocabulary: number;
  readonly chunk: number;
}

/** Pebble as `distill` heals it, and google/gemma-3-270m at 2 x 512 tokens. */
const MODELS: readonly Widths[] = [
  {
    name: "Pebble",
    rows: 16,
    length: 128,
    hidden: 64,
    inner: 160,
    heads: 4,
    head: 32,
    window: 64,
    vocabulary: 1024,
    chunk: 2048,
  },
  {
    name: "270M",
    rows: 2,
    length: 512,
    hidden: 640,
    inner: 2048,
    heads: 4,
    head: 256,
    window: 512,
    vocabulary: 262144,
    chunk: 64,
  },
];

/** A case; attributes that are not named are those of the op's own first case. */
const one = (name: string, shapes: readonly Axes[], attributes: Record<string, unknown> = {}): BenchCase => ({
  name: `${name} [${shapes.map((shape) => shape.join(", ")).join("] [")}]`,
  inputs: shapes.map((shape) => ({ shape })),
  attributes,
});

/** Makes integers of input `index`: random ones `below` a bound, or these `values`. */
const integers = (
  drawn: BenchCase,
  index: number,
  integer: Pick<BenchInput, "below" | "values">,
): BenchCase => ({
  ...drawn,
  inputs: drawn.inputs.map((input, i) => i === index ? { shape: input.shape, ...integer } : input),
});

type Make = (model: Widths) => BenchCase[];

const stream = ({ rows, length, hidden }: Widths) => [rows, length, hidden];
const inner = ({ rows, length, inner }: Widths) => [rows, length, inner];
const scores = ({ rows, heads, length }: Widths) => [rows, heads, length, length];
const logits = ({ chunk, vocabulary }: Widths) => [chunk, vocabulary];

const MAKERS: Readonly<Record<string, Make>> = {
  add: (m) => [one(m.name, [stream(m), stream(m)])],
  multiply: (m) => [one(m.name, [inner(m), inner(m)])],
  scale: (m) => [one(m.name, [stream(m)])],
  gated_gelu: (m) => [one(m.name, [inner(m), inner(m)])],
  softcap: (m) => [one(m.name, [logits(m)])],
  reshape: () => [], // nothing moves
  sum: (m) => [one(m.name, [[m.vocabulary / 16, m.hidden]])],
  matmul: (m) => [
    one(`${m.name} MLP`, [stream(m), [m.inner, m.hidden]], { layout: "NT", alpha: 1 }),
    one(`${m.name} scores`, [[m.rows, m.heads * m.length, m.head], [m.rows, m.length, m.head]], {
      layout: "NT",
      alpha: 1,
    }),
  ],
  gated_linear: (m) => [one(m.name, [stream(m), [m.inner, m.hidden], [m.inner, m.hidden]])],
  rms_norm: (m) => [one(m.name, [stream(m), [m.hidden]])],
  rope: (m) => {
    const table = [m.length, m.head / 2];
    return [
      integers(one(m.name, [[m.rows, m.length, m.heads, m.head], table, table, [m.length]]), 3, {
        below: m.length,
      }),
    ];
  },
  softmax: (m) => [one(m.name, [scores(m)])],
  attention: (m) => {
    const keys = [m.rows, m.length, 1, m.head],
      drawn = [[m.rows, m.length, m.heads, m.head], keys, keys, [m.rows, 3]];
    const spans = Array.from({ length: m.rows }, () => [0, 0, m.length]).flat(); // no padding, no cache
    return [m.window, 0].map((window) => {
      const attributes = { window, scale: m.head ** -0.5 };
      const whole = one(`${m.name} ${window || "full"}`, drawn, attributes);
      return integers(whole, 3, { below: 1 + m.length, values: spans });
    });
  },
  embedding: (
    m,
  ) => [integers(one(m.name, [[m.vocabulary, m.hidden], [m.rows, m.length]]), 1, { below: m.vocabulary })],
  gather_rows: (m) => {
    const rows = m.rows * m.length;
    return [integers(one(m.name, [[rows / 2], [rows, m.hidden]]), 0, { below: rows })];
  },
  argmax: (m) => [one(m.name, [[1, m.vocabulary]])],
  cross_entropy: (m) => [integers(one(m.name, [logits(m), [m.chunk]]), 1, { below: m.vocabulary })],
  distillation_loss: (m) => [
    integers(
      one(m.name, [logits(m), logits(m), [m.chunk], [m.chunk]], {
        kind: "forward_kl",
        alpha: 0.5,
        beta: 0.5,
        temperature: 2,
      }),
      2,
      { below: m.vocabulary },
    ),
  ],
};

/** Shapes at which other libraries are often measured. */
const COMMON: Readonly<Record<string, readonly BenchCase[]>> = {
  softmax: [one("common", [[512, 16384]])],
  rms_norm: [one("common", [[2048, 640], [640]])],
};

/** The shapes at which each op is measured, by its name. */
export const SHAPES: ReadonlyMap<string, readonly BenchCase[]> = new Map(
  Object.entries(MAKERS).map(([op, make]) => [op, [...MODELS.flatMap(make), ...COMMON[op] ?? []]]),
);
