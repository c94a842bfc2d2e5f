// dx of y_c = x_c r (1 + w_c), r = (mean(x²) + eps)^-½.   dr/dx_c = -r³ x_c / C, hence with g_c = dy_c (1 + w_c):
//   dx_c = r g_c - r³ x_c (Σ_j g_j x_j) / C          a subgroup a row;   x, dy, dx [R, C], w [C], rstd [R]
const LANES = 8u;
const ROWS = 8u; // subgroups, and so rows, of a workgroup
const WIDTH = 4u;
alias elem = vec4f;
const REST = f32(WIDTH / 4u); // as in forward.wgsl

struct Params { rows: u32, columns: u32 }
@group(0) @binding(0) var<storage, read> x: array<elem>;
@group(0) @binding(1) var<storage, read> w: array<elem>;
@group(0) @binding(2) var<storage, read> dy: array<elem>;
@group(0) @binding(3) var<storage, read> rstd: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<elem>;
@group(0) @binding(5) var<uniform> params: Params;

@compute @workgroup_size(LANES * ROWS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let lane = local % LANES;
  let row = (group.y * groups.x + group.x) * ROWS + local / LANES;
  if (row >= params.rows) { return; }
  let columns = params.columns / WIDTH;
  let start = row * columns;
  var products = elem();
  for (var c = lane; c < columns; c += LANES) { products += dy[start + c] * (elem(1.0) + w[c]) * x[start + c]; }
  let along = subgroupAdd(dot(vec4f(products), vec4f(1.0, REST, REST, REST)));
  let r = rstd[row];
  let pull = r * r * r * along / f32(params.columns);
  for (var c = lane; c < columns; c += LANES) { dx[start + c] = r * dy[start + c] * (elem(1.0) + w[c]) - pull * x[start + c]; }
}
