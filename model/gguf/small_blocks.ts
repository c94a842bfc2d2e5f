import { halfTable } from "./half.ts";

// Blocks of 32 values q with a half-precision scale d. The low nibbles of the 16 bytes are values 0 to 15 of the
// block, the high nibbles values 16 to 31. Without a minimum m the q are signed around zero: d * (q - middle); with one
// they are d * q + m.

/** Q4_0 (`d`, nibbles) and Q4_1 (`d`, `m`, nibbles). */
export function dequantizeQ4(bytes: Uint8Array, target: Float32Array, minimum: boolean): void {
  const half = halfTable();
  const size = minimum ? 20 : 18;
  const middle = minimum ? 0 : 8;
  for (let at = 0, out = 0; out < target.length; at += size, out += 32) {
    const d = half[bytes[at]! | bytes[at + 1]! << 8]!;
    const m = minimum ? half[bytes[at + 2]! | bytes[at + 3]! << 8]! : 0;
    const nibbles = at + size - 16;
    for (let j = 0; j < 16; j++) {
      const pair = bytes[nibbles + j]!;
      const low = d * ((pair & 15) - middle);
      const high = d * ((pair >> 4) - middle);
      target[out + j] = minimum ? low + m : low;
      target[out + j + 16] = minimum ? high + m : high;
    }
  }
}

/** Q5_0 (`d`, 32 fifth bits, nibbles) and Q5_1 (`d`, `m`, 32 fifth bits, nibbles). */
export function dequantizeQ5(bytes: Uint8Array, target: Float32Array, minimum: boolean): void {
  const half = halfTable();
  const size = minimum ? 24 : 22;
  const middle = minimum ? 0 : 16;
  for (let at = 0, out = 0; out < target.length; at += size, out += 32) {
    const d = half[bytes[at]! | bytes[at + 1]! << 8]!;
    const m = minimum ? half[bytes[at + 2]! | bytes[at + 3]! << 8]! : 0;
    const nibbles = at + size - 16;
    const fifth = bytes[nibbles - 4]! | bytes[nibbles - 3]! << 8 | bytes[nibbles - 2]! << 16 |
      bytes[nibbles - 1]! << 24;
    for (let j = 0; j < 16; j++) {
      const pair = bytes[nibbles + j]!;
      const low = d * ((pair & 15 | (fifth >> j & 1) << 4) - middle);
      const high = d * ((pair >> 4 | (fifth >> j + 16 & 1) << 4) - middle);
      target[out + j] = minimum ? low + m : low;
      target[out + j + 16] = minimum ? high + m : high;
    }
  }
}

/** Q8_0: `d` and 32 signed bytes. */
export function dequantizeQ8(bytes: Uint8Array, target: Float32Array): void {
  const half = halfTable();
  for (let at = 0, out = 0; out < target.length; at += 34, out += 32) {
    const d = half[bytes[at]! | bytes[at + 1]! << 8]!;
    for (let j = 0; j < 32; j++) target[out + j] = d * (bytes[at + 2 + j]! << 24 >> 24);
  }
}
