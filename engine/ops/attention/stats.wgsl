// What both gradients need of a query: stats = (lse, delta), delta_t = Σ_c p_tc dp_tc with dp_tc = dy_t · v_c, which is dy_t · y_t since
// y_t = Σ_c p_tc v_c: so delta needs no keys. One invocation a query of one head.   y, dy [R, D], lse [R], stats [R, 2]
const WIDTH = 1u;
alias elem = f32;
const REST = f32(WIDTH / 4u); // 1 where elem is vec4f, 0 where it is f32: one sum serves both

struct Params { rows: u32, D: u32 }
@group(0) @binding(0) var<storage, read> y: array<elem>;
@group(0) @binding(1) var<storage, read> dy: array<elem>;
@group(0) @binding(2) var<storage, read> lse: array<f32>;
@group(0) @binding(3) var<storage, read_write> stats: array<vec2f>;
@group(0) @binding(4) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = (group.y * groups.x + group.x) * 64u + lane;
  if (row >= params.rows) { return; }
  let columns = params.D / WIDTH;
  var products = elem();
  for (var d = row * columns; d < (row + 1u) * columns; d++) { products += y[d] * dy[d]; }
  stats[row] = vec2f(lse[row], dot(vec4f(products), vec4f(1.0, REST, REST, REST)));
}
