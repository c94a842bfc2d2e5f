// dx_c = y_c (dy_c - Σ_j y_j dy_j), from ∂y_j/∂x_c = y_j (δ_jc - y_c): one invocation a row.   y, dy, dx [R, C]
struct Params { rows: u32, columns: u32 }
@group(0) @binding(0) var<storage, read> y: array<f32>;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = (group.y * groups.x + group.x) * 64u + lane;
  if (row >= params.rows) { return; }
  let start = row * params.columns;
  var along = 0.0;
  for (var c = 0u; c < params.columns; c++) { along += y[start + c] * dy[start + c]; }
  for (var c = 0u; c < params.columns; c++) { dx[start + c] = y[start + c] * (dy[start + c] - along); }
}
