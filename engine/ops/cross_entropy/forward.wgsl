// loss[n] = logsumexp(z[n]) - z[n, target[n]], 0 where the target is UNSCORED; lse[n] is kept for the gradient.
// A subgroup a row, one pass over it with a running maximum, as in softmax/forward.wgsl.   z [N, V], targets, loss, lse [N]
const LANES = 8u;
const ROWS = 8u; // subgroups, and so rows, of a workgroup
const BATCH = 4u;
const WIDTH = 4u;
alias elem = vec4f;
const REST = f32(WIDTH / 4u); // 1 where elem is vec4f, 0 where it is f32: one sum serves both
const LOWEST = -3.0e38;
const UNSCORED = 0xffffffffu;

struct Params { rows: u32, columns: u32 }
@group(0) @binding(0) var<storage, read> logits: array<elem>;
@group(0) @binding(1) var<storage, read> targets: array<u32>;
@group(0) @binding(2) var<storage, read_write> loss: array<f32>;
@group(0) @binding(3) var<storage, read_write> lse: array<f32>;
@group(0) @binding(4) var<uniform> params: Params;

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
      held[i] = logits[c + i * LANES];
      higher = max(higher, held[i]);
    }
    total *= exp(highest - higher);
    /*unroll*/ for (var i = 0u; i < BATCH; i++) { total += exp(held[i] - higher); }
    highest = higher;
  }
  for (; c < end; c += LANES) {
    let higher = max(highest, logits[c]);
    total = total * exp(highest - higher) + exp(logits[c] - higher);
    highest = higher;
  }
  let h = vec4f(highest);
  let top = subgroupMax(max(max(h.x, h.y), max(h.z, h.w)));
  let sum = top + log(subgroupAdd(dot(vec4f(total * exp(highest - elem(top))), vec4f(1.0, REST, REST, REST))));
  if (lane == 0u) {
    let y = targets[row];
    lse[row] = sum;
    loss[row] = 0.0;
    if (y != UNSCORED) { loss[row] = sum - vec4f(logits[row * columns + y / WIDTH])[y % WIDTH]; }
  }
}
