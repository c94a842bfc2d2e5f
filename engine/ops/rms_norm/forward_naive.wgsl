// y = residual + x · rstd · (1 + w), rstd = 1 / √(mean(x²) + eps); residual only where RESIDUAL: one invocation a row.
// x, residual, y [R, C], w [C], rstd [R]
const RESIDUAL = false;

struct Params { rows: u32, columns: u32, eps: f32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read> residual: array<f32>; // x again where not RESIDUAL
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(0) @binding(4) var<storage, read_write> rstd: array<f32>;
@group(0) @binding(5) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = (group.y * groups.x + group.x) * 64u + lane;
  if (row >= params.rows) { return; }
  let start = row * params.columns;
  var squares = 0.0;
  for (var c = 0u; c < params.columns; c++) { squares += x[start + c] * x[start + c]; }
  let r = inverseSqrt(squares / f32(params.columns) + params.eps);
  for (var c = 0u; c < params.columns; c++) {
    let value = x[start + c] * r * (1.0 + w[c]);
    if (RESIDUAL) { y[start + c] = residual[start + c] + value; } else { y[start + c] = value; }
  }
  rstd[row] = r;
}
