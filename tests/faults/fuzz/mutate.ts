/** Damage to files, drawn from a seed: at random and where a format is most easily hurt. */
import type { Random } from "../../../engine/mod.ts";

/** One of these. */
export const pick = <T>(random: Random, items: readonly T[]): T => items[random.integer(items.length)]!;

/** Numbers at which counts, sizes and offsets break. */
const NUMBERS = [
  ...[0n, 1n, 2n, 7n, 255n, 4096n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 40n],
  ...[2n ** 53n - 1n, 2n ** 53n + 1n, 2n ** 60n, 2n ** 63n, 2n ** 64n - 1n],
];

/** One to three damages to bytes; most fall into the first `hot` of them, a header. */
export function mutateBytes(
  random: Random,
  original: Uint8Array<ArrayBuffer>,
  hot: number,
): Uint8Array<ArrayBuffer> {
  let bytes = original.slice();
  for (let left = 1 + random.integer(3); left > 0 && bytes.length > 0; left--) {
    const end = random.integer(5) > 0 ? Math.min(hot, bytes.length) : bytes.length;
    const at = random.integer(end);
    const kind = random.integer(8);
    if (kind === 0) bytes[at]! ^= 1 << random.integer(8);
    else if (kind === 1) bytes[at] = random.integer(256);
    else if (kind === 2) bytes[at] = pick(random, [0, 0x22, 0x2c, 0x5b, 0x7b, 0x7d, 0x7f, 0x80, 0xff]);
    else if (kind === 3) bytes = bytes.slice(0, at);
    else if (kind === 4) bytes = joined(bytes, new Uint8Array(1 + random.integer(64)));
    else if (kind === 5) bytes = joined(bytes.slice(0, at), bytes.slice(at + 1 + random.integer(16)));
    else if (kind === 6) bytes = joined(bytes.slice(0, at + 16), bytes.slice(at));
    else {
      const number = new BigUint64Array([pick(random, NUMBERS)]);
      const width = pick(random, [4, 8]);
      bytes.set(new Uint8Array(number.buffer, 0, width).subarray(0, bytes.length - at), at);
    }
  }
  return bytes;
}

/** Values that code forgets, as JSON text. */
const VALUES = [
  ...["null", "true", "[]", "{}", '""', '"x"', "0", "-1", "1.5", "1e400", "-0", "2147483648", "4294967296"],
  ...[
    "1099511627776",
    "9007199254740993",
    "[0]",
    "[[]]",
    "[null]",
    '"toString"',
    '"../../etc/passwd"',
    '"/etc/passwd"',
  ],
  ...[
    '"\\ud800"',
    '"\\u0000"',
    '{"__proto__":{"x":1}}',
    '{"constructor":null}',
    `"${"a".repeat(5000)}"`,
    '"__proto__"',
  ],
  ...[`${"[".repeat(2000)}${"]".repeat(2000)}`, '"F32"', '"BOS"', '"-1"', "[1,2,3]"],
];

/** A JSON value with one to three places damaged, as text: it may repeat keys or hold numbers that JSON cannot. */
export function mutateJson(random: Random, value: unknown): string {
  const damaged = new Map<string, number>();
  const places = placesIn(value);
  for (let left = 1 + random.integer(3); left > 0; left--) {
    damaged.set(pick(random, places), random.integer(6));
  }
  const write = (value: unknown, path: string): string => {
    const kind = damaged.get(path);
    if (kind !== undefined && kind < 3) return pick(random, VALUES);
    if (Array.isArray(value)) {
      const items = value.map((item, i) => write(item, `${path}/${i}`));
      if (kind === 3) items.pop();
      if (kind === 4) items.push(...items.slice(0, 1), pick(random, VALUES));
      if (kind === 5) items.reverse();
      return `[${items.join()}]`;
    }
    if (typeof value !== "object" || value === null) return JSON.stringify(value);
    const fields = Object.entries(value).map(([key, item]) => [key, write(item, `${path}/${key}`)]);
    if (kind === 3) fields.splice(random.integer(fields.length + 1), 1);
    if (kind === 4) fields.push([pick(random, ["__proto__", "constructor", "", "x"]), pick(random, VALUES)]);
    if (kind === 5 && fields.length > 0) fields.push([pick(random, fields)[0]!, pick(random, VALUES)]);
    return `{${fields.map(([key, item]) => `${JSON.stringify(key)}:${item}`).join()}}`;
  };
  const text = write(value, "");
  return random.integer(10) === 0 ? text.slice(0, random.integer(text.length)) : text;
}

/** A safetensors file with its header damaged as JSON, or its length, its data, or any of its bytes. */
export function mutateSafetensors(random: Random, bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  if (random.integer(2) === 0) return mutateBytes(random, bytes, 8 + length);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  const json = new TextEncoder().encode(mutateJson(random, header));
  const start = new Uint8Array(8);
  const claimed = random.integer(6) > 0 ? BigInt(json.length) : pick(random, NUMBERS);
  new DataView(start.buffer).setBigUint64(0, claimed, true);
  const data = bytes.slice(8 + length),
    shorter = random.integer(6) > 0 ? data.length : random.integer(data.length);
  return joined(start, json, data.slice(0, shorter));
}

/** Every place of a value, by path; of a long list or table a hundred. */
function placesIn(value: unknown, path = ""): string[] {
  if (typeof value !== "object" || value === null) return [path];
  const entries = Object.entries(value), every = Math.ceil(entries.length / 100);
  return [
    path,
    ...entries.filter((_, i) => i % every === 0).flatMap(([key, item]) => placesIn(item, `${path}/${key}`)),
  ];
}

function joined(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
