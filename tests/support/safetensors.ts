/** The bytes of a safetensors file with this header text and data, well formed or not. */
export function safetensorsBytes(
  header: string | Uint8Array,
  data = new Uint8Array(0),
): Uint8Array<ArrayBuffer> {
  const json = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}
