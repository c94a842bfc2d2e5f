import { DTYPE_BITS } from "./dtype.ts";
import { repeatedKey } from "./unique_keys.ts";

/** One tensor of a header; `begin` and `end` are byte offsets into the data that follows the header. */
export interface HeaderEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** A checked header: what the file holds, and the free text that came with it. */
export interface Header {
  readonly tensors: ReadonlyMap<string, HeaderEntry>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Parses a safetensors header with every check of the reference implementation (huggingface/safetensors): keys unique,
 * known types, sizes that follow from the shapes, tensors side by side from 0 to `dataBytes` without hole or overlap.
 *
 * @param bytes The header without its 8-byte length.
 * @param dataBytes Bytes that follow the header.
 * @returns The header, or the reason why it is malformed.
 */
export function parseHeader(bytes: Uint8Array, dataBytes: number): Header | string {
  if (bytes[0] !== 0x7b) return 'its header does not begin with "{"';
  const text = decodeUtf8(bytes);
  if (text === undefined) return "its header is not UTF-8";
  const json = parseJson(text);
  if (!isObject(json)) return "its header is not a JSON object";
  const repeated = repeatedKey(text);
  if (repeated !== undefined) return `its header repeats the key "${repeated}"`;

  const tensors = new Map<string, HeaderEntry>();
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(json)) {
    if (name === "__metadata__") {
      if (!isStringRecord(value)) return "its __metadata__ is not an object of strings";
      metadata = value;
      continue;
    }
    const entry = parseEntry(value);
    if (typeof entry === "string") return `tensor "${name}" ${entry}`;
    tensors.set(name, entry);
  }
  return coverReason(tensors, dataBytes) ?? { tensors, metadata };
}

function parseEntry(value: unknown): HeaderEntry | string {
  if (!isObject(value)) return "is not described by an object";
  const { dtype, shape, data_offsets: offsets } = value;
  const bits = typeof dtype === "string" ? DTYPE_BITS.get(dtype) : undefined;
  if (bits === undefined) return `has the unknown type ${JSON.stringify(dtype) ?? "(none)"}`;
  if (!isSizes(shape)) return "has a shape that is not a list of whole numbers";
  if (!isSizes(offsets) || offsets.length !== 2) return "has data_offsets that are not two whole numbers";
  const [begin, end] = offsets as [number, number];
  const total = product([...shape, bits]);
  if (total === undefined) return "has a shape too large to count";
  if (total % 8 !== 0) return "does not fill whole bytes";
  if (end - begin !== total / 8) {
    return `has ${end - begin} bytes where its shape and type need ${total / 8}`;
  }
  return { dtype: dtype as string, shape, begin, end };
}

/** The tensors must cover the data exactly, in some order. */
function coverReason(tensors: ReadonlyMap<string, HeaderEntry>, dataBytes: number): string | undefined {
  const inOrder = [...tensors].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  let covered = 0;
  for (const [name, { begin, end }] of inOrder) {
    if (begin !== covered) {
      return `tensor "${name}" begins at byte ${begin} of the data and not at ${covered}`;
    }
    covered = end;
  }
  if (covered !== dataBytes) return `its tensors take ${covered} bytes and ${dataBytes} follow the header`;
  return undefined;
}

/** `undefined` once a partial product is no longer an exact integer. */
function product(sizes: readonly number[]): number | undefined {
  let result = 1;
  for (const size of sizes) {
    result *= size;
    if (!Number.isSafeInteger(result)) return undefined;
  }
  return result;
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isStringRecord(value: unknown): value is Record<string, string> {
  return isObject(value) && Object.values(value).every((entry) => typeof entry === "string");
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
