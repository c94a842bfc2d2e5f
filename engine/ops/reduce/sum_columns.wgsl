// y[c] = Σ_r x[r, c]  (+ y[c] when ADD), one invocation a column, rows in order.   x [R, C], y [C]
const ADD = false;

struct Params { rows: u32, columns: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let c = id.x;
  if (c >= params.columns) { return; }
  var sum = 0.0;
  for (var r = 0u; r < params.rows; r++) { sum += x[r * params.columns + c]; }
  y[c] = sum + select(0.0, y[c], ADD);
}
