// y_c = exp(x_c - max) / Σ_j exp(x_j - max): a subgroup a row, two passes over it.   x, y [R, C]
// The first pass keeps a running maximum and a running sum, rescaled when the maximum grows ("online softmax",
// Milakov and Gimelshein 2018).
const LANES = 8u;
const ROWS = 8u; // subgroups, and so rows, of a workgroup
const WIDTH = 4u;
alias elem = vec4f;
const REST = f32(WIDTH / 4u); // 1 where elem is vec4f, 0 where it is f32: one sum serves both
const LOWEST = -3.0e38;

struct Params { rows: u32, columns: u32 }
@group(0) @binding(0) var<storage, read> x: array<elem>;
@group(0) @binding(1) var<storage, read_write> y: array<elem>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(LANES * ROWS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let lane = local % LANES;
  let row = (group.y * groups.x + group.x) * ROWS + local / LANES;
  if (row >= params.rows) { return; }
  let columns = params.columns / WIDTH;
  let start = row * columns;
  var highest = elem(LOWEST);
  var total = elem();
  for (var c = lane; c < columns; c += LANES) {
    let value = x[start + c];
    let higher = max(highest, value);
    total = total * exp(highest - higher) + exp(value - higher);
    highest = higher;
  }
  let h = vec4f(highest);
  let top = subgroupMax(max(max(h.x, h.y), max(h.z, h.w)));
  let weight = subgroupAdd(dot(vec4f(total * exp(highest - elem(top))), vec4f(1.0, REST, REST, REST)));
  for (var c = lane; c < columns; c += LANES) { y[start + c] = exp(x[start + c] - elem(top)) / elem(weight); }
}
