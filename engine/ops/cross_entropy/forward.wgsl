// loss[n] = logsumexp(z[n]) - z[n, target[n]], 0 where the target is UNSCORED; lse[n] is kept for the gradient.
// A subgroup a row, one pass over it with a running maximum.   z [N, V], targets, loss, lse [N]
const LANES = 8u;
const ROWS = 8u; // subgroups, and so rows, of a workgroup
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
  let start = row * columns;
  var highest = elem(LOWEST);
  var total = elem();
  for (var c = lane; c < columns; c += LANES) {
    let value = logits[start + c];
    let higher = max(highest, value);
    total = total * exp(highest - higher) + exp(value - higher);
    highest = higher;
  }
  let h = vec4f(highest);
  let top = subgroupMax(max(max(h.x, h.y), max(h.z, h.w)));
  let sum = top + log(subgroupAdd(dot(vec4f(total * exp(highest - elem(top))), vec4f(1.0, REST, REST, REST))));
  if (lane == 0u) {
    let y = targets[row];
    lse[row] = sum;
    loss[row] = 0.0;
    if (y != UNSCORED) { loss[row] = sum - vec4f(logits[start + y / WIDTH])[y % WIDTH]; }
  }
}
