import { type Result, thingOf } from "../results.ts";

/** Results as a chart needs them: of each thing the latest right and timed one; kernels of one op and run in one. */
export function latest(results: readonly Result[]): Result[] {
  const things = Map.groupBy(results.filter(({ time }) => time !== undefined && time.p50 > 0), thingOf);
  return [...things.values()].map((measured) => {
    const { date } = measured.reduce((a, b) => b.date > a.date ? b : a);
    return measured.filter((result) => result.date === date).reduce((whole, part) => ({
      ...whole,
      time: { ...whole.time!, p50: whole.time!.p50 + part.time!.p50 },
      flops: whole.flops + part.flops,
      bytes: whole.bytes + part.bytes,
    }));
  });
}

/** GFLOP/s of a result that has a time. */
export const rate = ({ flops, time }: Result): number => flops / time!.p50 / 1e6;

/** Where and when, in two lines. */
export function provenance(results: readonly Result[]): [string, string] {
  const { device, driver, processor, commit, date } = results.reduce((a, b) => b.date > a.date ? b : a);
  return [
    `${device} (${driver}) on ${processor}`,
    `commit ${commit?.slice(0, 10) ?? "unknown"}, ${date.slice(0, 10)}`,
  ];
}
