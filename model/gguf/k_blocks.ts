import { halfTable } from "./half.ts";

// Super-blocks of 256 values. Q4_K and Q5_K: 8 sub-blocks of 32, each with a 6-bit scale and a 6-bit minimum:
// d * scale * q - dmin * minimum. Q6_K: 16 sub-blocks of 16, each with a signed 8-bit scale: d * scale * (q - 32).

/** Q4_K: `d`, `dmin`, 12 bytes of scales and minima, 128 bytes of nibbles. */
export function dequantizeQ4K(bytes: Uint8Array, target: Float32Array): void {
  const half = halfTable();
  for (let at = 0, out = 0; out < target.length; at += 144, out += 256) {
    const d = half[bytes[at]! | bytes[at + 1]! << 8]!;
    const dmin = half[bytes[at + 2]! | bytes[at + 3]! << 8]!;
    for (let sub = 0; sub < 8; sub++) {
      const scale = d * scaleOf(bytes, at + 4, sub);
      const minimum = dmin * minimumOf(bytes, at + 4, sub);
      const nibbles = at + 16 + (sub >> 1) * 32;
      const shift = (sub & 1) * 4;
      for (let j = 0; j < 32; j++) {
        target[out + sub * 32 + j] = scale * (bytes[nibbles + j]! >> shift & 15) - minimum;
      }
    }
  }
}

/** Q5_K: as Q4_K, with 32 bytes of fifth bits before the nibbles: bit `sub` of byte j belongs to value j of `sub`. */
export function dequantizeQ5K(bytes: Uint8Array, target: Float32Array): void {
  const half = halfTable();
  for (let at = 0, out = 0; out < target.length; at += 176, out += 256) {
    const d = half[bytes[at]! | bytes[at + 1]! << 8]!;
    const dmin = half[bytes[at + 2]! | bytes[at + 3]! << 8]!;
    for (let sub = 0; sub < 8; sub++) {
      const scale = d * scaleOf(bytes, at + 4, sub);
      const minimum = dmin * minimumOf(bytes, at + 4, sub);
      const nibbles = at + 48 + (sub >> 1) * 32;
      const shift = (sub & 1) * 4;
      for (let j = 0; j < 32; j++) {
        const q = bytes[nibbles + j]! >> shift & 15 | (bytes[at + 16 + j]! >> sub & 1) << 4;
        target[out + sub * 32 + j] = scale * q - minimum;
      }
    }
  }
}

/** Q6_K: 128 bytes of low nibbles, 64 bytes of high bit pairs, 16 scales, `d`; two halves of 128 values each. */
export function dequantizeQ6K(bytes: Uint8Array, target: Float32Array): void {
  const half = halfTable();
  for (let at = 0, out = 0; out < target.length; at += 210, out += 256) {
    const d = half[bytes[at + 208]! | bytes[at + 209]! << 8]!;
    for (let row = 0; row < 8; row++) { // 32 values a row, 4 rows a half
      const low = at + (row >> 2) * 64 + (row & 1) * 32;
      const lowShift = row & 2 ? 4 : 0;
      const high = at + 128 + (row >> 2) * 32;
      const highShift = (row & 3) * 2;
      for (let j = 0; j < 32; j++) {
        const q = (bytes[low + j]! >> lowShift & 15) | (bytes[high + j]! >> highShift & 3) << 4;
        const scale = bytes[at + 192 + row * 2 + (j >> 4)]! << 24 >> 24;
        target[out + row * 32 + j] = d * scale * (q - 32);
      }
    }
  }
}

/** Scales 0 to 3 are the low 6 bits of bytes 0 to 3; scales 4 to 7 are split over bytes 8 to 11 and the top bits. */
function scaleOf(bytes: Uint8Array, at: number, sub: number): number {
  if (sub < 4) return bytes[at + sub]! & 63;
  return bytes[at + sub + 4]! & 15 | bytes[at + sub - 4]! >> 6 << 4;
}

/** Minima 0 to 3 are the low 6 bits of bytes 4 to 7; minima 4 to 7 are split likewise. */
function minimumOf(bytes: Uint8Array, at: number, sub: number): number {
  if (sub < 4) return bytes[at + sub + 4]! & 63;
  return bytes[at + sub + 4]! >> 4 | bytes[at + sub]! >> 6 << 4;
}
