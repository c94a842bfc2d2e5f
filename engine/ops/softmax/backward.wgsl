// dx_c = y_c (dy_c - Σ_j y_j dy_j), from ∂y_j/∂x_c = y_j (δ_jc - y_c): a subgroup a row.   y, dy, dx [R, C]
// Masked elements need no case of their own: their y is zero.
const LANES = 8u;
const ROWS = 8u; // subgroups, and so rows, of a workgroup
const WIDTH = 4u;
alias elem = vec4f;
const REST = f32(WIDTH / 4u); // as in forward.wgsl

struct Params { rows: u32, columns: u32 }
@group(0) @binding(0) var<storage, read> y: array<elem>;
@group(0) @binding(1) var<storage, read> dy: array<elem>;
@group(0) @binding(2) var<storage, read_write> dx: array<elem>;
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(LANES * ROWS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let lane = local % LANES;
  let row = (group.y * groups.x + group.x) * ROWS + local / LANES;
  if (row >= params.rows) { return; }
  let columns = params.columns / WIDTH;
  let start = row * columns;
  var products = elem();
  for (var c = lane; c < columns; c += LANES) { products += y[start + c] * dy[start + c]; }
  let along = subgroupAdd(dot(vec4f(products), vec4f(1.0, REST, REST, REST)));
  for (var c = lane; c < columns; c += LANES) { dx[start + c] = y[start + c] * (dy[start + c] - elem(along)); }
}
