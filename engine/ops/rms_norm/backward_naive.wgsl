// dx of y_c = x_c r (1 + w_c), r = (mean(x²) + eps)^-½.   dr/dx_c = -r³ x_c / C, hence with g_c = dy_c (1 + w_c):
//   dx_c = r g_c - r³ x_c (Σ_j g_j x_j) / C  (+ dx_c where ADD): one invocation a row;   x, dy, dx [R, C], w [C], rstd [R]
const ADD = false;

struct Params { rows: u32, columns: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read> rstd: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;
@group(0) @binding(5) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = (group.y * groups.x + group.x) * 64u + lane;
  if (row >= params.rows) { return; }
  let start = row * params.columns;
  var along = 0.0;
  for (var c = 0u; c < params.columns; c++) { along += dy[start + c] * (1.0 + w[c]) * x[start + c]; }
  let r = rstd[row];
  let pull = r * r * r * along / f32(params.columns);
  for (var c = 0u; c < params.columns; c++) {
    let value = r * dy[start + c] * (1.0 + w[c]) - pull * x[start + c];
    if (ADD) { dx[start + c] += value; } else { dx[start + c] = value; }
  }
}
