// y_c = exp(x_c - max) / Σ_j exp(x_j - max): a subgroup a row, two passes over it.   x, y [R, C]
// The first pass keeps a running maximum and a running sum, rescaled when the maximum grows ("online softmax",
// Milakov and Gimelshein 2018), once for BATCH loads.
const LANES = 8u;
const ROWS = 8u; // subgroups, and so rows, of a workgroup
const BATCH = 4u;
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
  let first = row * columns + lane;
  let end = (row + 1u) * columns;
  var highest = elem(LOWEST);
  var total = elem();
  var held: array<elem, BATCH>;
  var c = first;
  for (; c + (BATCH - 1u) * LANES < end; c += BATCH * LANES) {
    var higher = highest;
    /*unroll*/ for (var i = 0u; i < BATCH; i++) {
      held[i] = x[c + i * LANES];
      higher = max(higher, held[i]);
    }
    total *= exp(highest - higher);
    /*unroll*/ for (var i = 0u; i < BATCH; i++) { total += exp(held[i] - higher); }
    highest = higher;
  }
  for (; c < end; c += LANES) {
    let higher = max(highest, x[c]);
    total = total * exp(highest - higher) + exp(x[c] - higher);
    highest = higher;
  }
  let h = vec4f(highest);
  let top = subgroupMax(max(max(h.x, h.y), max(h.z, h.w)));
  let weight = subgroupAdd(dot(vec4f(total * exp(highest - elem(top))), vec4f(1.0, REST, REST, REST)));
  let scale = elem(1.0 / weight);
  c = first;
  for (; c + (BATCH - 1u) * LANES < end; c += BATCH * LANES) {
    /*unroll*/ for (var i = 0u; i < BATCH; i++) { y[c + i * LANES] = exp(x[c + i * LANES] - elem(top)) * scale; }
  }
  for (; c < end; c += LANES) { y[c] = exp(x[c] - elem(top)) * scale; }
}
