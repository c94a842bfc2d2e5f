// y = x · rstd · (1 + w), rstd = 1 / √(mean(x²) + eps): a subgroup a row.   x, y [R, C], w [C], rstd [R]
const LANES = 8u;
const ROWS = 8u; // subgroups, and so rows, of a workgroup
const WIDTH = 4u;
alias elem = vec4f;
const REST = f32(WIDTH / 4u); // 1 where elem is vec4f, 0 where it is f32: one sum serves both

struct Params { rows: u32, columns: u32, eps: f32 }
@group(0) @binding(0) var<storage, read> x: array<elem>;
@group(0) @binding(1) var<storage, read> w: array<elem>;
@group(0) @binding(2) var<storage, read_write> y: array<elem>;
@group(0) @binding(3) var<storage, read_write> rstd: array<f32>;
@group(0) @binding(4) var<uniform> params: Params;

@compute @workgroup_size(LANES * ROWS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let lane = local % LANES;
  let row = (group.y * groups.x + group.x) * ROWS + local / LANES;
  if (row >= params.rows) { return; }
  let columns = params.columns / WIDTH;
  let start = row * columns;
  var squares = elem();
  for (var c = lane; c < columns; c += LANES) {
    let value = x[start + c];
    squares += value * value;
  }
  let mean = subgroupAdd(dot(vec4f(squares), vec4f(1.0, REST, REST, REST))) / f32(params.columns);
  let r = inverseSqrt(mean + params.eps);
  for (var c = lane; c < columns; c += LANES) { y[start + c] = x[start + c] * r * (elem(1.0) + w[c]); }
  if (lane == 0u) { rstd[row] = r; }
}
