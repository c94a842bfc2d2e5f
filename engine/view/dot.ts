import { formatShape } from "../core/shape.ts";
import type { ProgramJson } from "./json.ts";

/** Text within a quoted name of Graphviz. */
const quoted = (text: string): string => `"${text.replaceAll('"', '\\"')}"`;

/** Dispatches below one name of a scope, and the names below that. */
interface Cluster {
  readonly dispatches: number[];
  readonly inner: Map<string, Cluster>;
}

const cluster = (): Cluster => ({ dispatches: [], inner: new Map() });

/**
 * A Program as a graph for Graphviz: dispatches in the nested boxes of their scopes, an arrow from who wrote a slot last
 * to each who reads it, and what comes from outside as ellipses.
 *
 * `dot -Tsvg step.dot > step.svg`
 */
export function programDot({ name, dispatches, slots }: ProgramJson): string {
  const root = cluster(), edges: string[] = [], outside = new Set<number>();
  const writers = new Map<number, number>();
  dispatches.forEach(({ scope, reads, writes }, index) => {
    let at = root;
    for (const part of scope ? scope.split("/") : []) {
      if (!at.inner.has(part)) at.inner.set(part, cluster());
      at = at.inner.get(part)!;
    }
    at.dispatches.push(index);
    for (const { slot, shape } of [...reads, ...writes.filter(({ slot }) => writers.has(slot))]) {
      const writer = writers.get(slot);
      if (writer === undefined) outside.add(slot);
      edges.push(
        `  ${writer === undefined ? `s${slot}` : `d${writer}`} -> d${index} [label=${
          quoted(formatShape(shape))
        }];`,
      );
    }
    for (const { slot } of writes) writers.set(slot, index);
  });
  let clusters = 0;
  const boxes = ({ dispatches: own, inner }: Cluster, indent: string): string[] => [
    ...own.map((index) => `${indent}d${index} [label=${quoted(`${index} ${dispatches[index]!.op}`)}];`),
    ...[...inner].flatMap(([part, below]) => [
      `${indent}subgraph cluster_${clusters++} {`,
      `${indent}  label=${quoted(part)};`,
      ...boxes(below, `${indent}  `),
      `${indent}}`,
    ]),
  ];
  return [
    `digraph ${quoted(name)} {`,
    `  node [shape=box];`,
    ...boxes(root, "  "),
    ...[...outside].map((slot) =>
      `  s${slot} [shape=ellipse, label=${quoted(`${slots[slot]!.role} ${slots[slot]!.name}`)}];`
    ),
    ...new Set(edges),
    "}",
    "",
  ].join("\n");
}
