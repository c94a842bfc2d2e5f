let table: Float32Array | undefined;

/** All 65,536 half-precision values by their bits: block scales are looked up, not computed. */
export function halfTable(): Float32Array {
  table ??= new Float32Array(new Float16Array(Uint16Array.from({ length: 65536 }, (_, bits) => bits).buffer));
  return table;
}
