// y[r] = the column of the largest x[r, c], the first of equals; NONE where a value is NaN or +∞.   x [R, C], y u32 [R]
const NONE = 0xffffffffu;

struct Params { rows: u32, columns: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<u32>;
@group(0) @binding(2) var<uniform> params: Params;

/** By its bits: on some drivers x != x is false for NaN. */
fn unusable(value: f32) -> bool {
  let bits = bitcast<u32>(value);
  return bits == 0x7f800000u || (bits & 0x7fffffffu) > 0x7f800000u;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let row = id.x;
  if (row >= params.rows) { return; }
  var best = 0u;
  var largest = x[row * params.columns];
  var refused = false;
  for (var c = 0u; c < params.columns; c++) {
    let value = x[row * params.columns + c];
    refused = refused || unusable(value);
    if (value > largest) {
      largest = value;
      best = c;
    }
  }
  y[row] = select(best, NONE, refused);
}
