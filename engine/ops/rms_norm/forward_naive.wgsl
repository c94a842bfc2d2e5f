// y = x · rstd · (1 + w), rstd = 1 / √(mean(x²) + eps): one invocation a row.   x, y [R, C], w [C], rstd [R]
struct Params { rows: u32, columns: u32, eps: f32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> rstd: array<f32>;
@group(0) @binding(4) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = (group.y * groups.x + group.x) * 64u + lane;
  if (row >= params.rows) { return; }
  let start = row * params.columns;
  var squares = 0.0;
  for (var c = 0u; c < params.columns; c++) { squares += x[start + c] * x[start + c]; }
  let r = inverseSqrt(squares / f32(params.columns) + params.eps);
  for (var c = 0u; c < params.columns; c++) { y[start + c] = x[start + c] * r * (1.0 + w[c]); }
  rstd[row] = r;
}
