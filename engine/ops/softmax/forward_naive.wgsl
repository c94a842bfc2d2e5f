// y_c = exp(x_c - max) / Σ_j exp(x_j - max): one invocation a row.   x, y [R, C]
struct Params { rows: u32, columns: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = (group.y * groups.x + group.x) * 64u + lane;
  if (row >= params.rows) { return; }
  let start = row * params.columns;
  var highest = x[start];
  for (var c = 1u; c < params.columns; c++) { highest = max(highest, x[start + c]); }
  var total = 0.0;
  for (var c = 0u; c < params.columns; c++) { total += exp(x[start + c] - highest); }
  for (var c = 0u; c < params.columns; c++) { y[start + c] = exp(x[start + c] - highest) / total; }
}
