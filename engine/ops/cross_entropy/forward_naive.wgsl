// loss[n] = logsumexp(z[n]) - z[n, target[n]], 0 where the target is UNSCORED; lse[n] is kept for the gradient.
// One invocation a row.   z [N, V], targets, loss, lse [N]
const UNSCORED = 0xffffffffu;

struct Params { rows: u32, columns: u32 }
@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> targets: array<u32>;
@group(0) @binding(2) var<storage, read_write> loss: array<f32>;
@group(0) @binding(3) var<storage, read_write> lse: array<f32>;
@group(0) @binding(4) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = (group.y * groups.x + group.x) * 64u + lane;
  if (row >= params.rows) { return; }
  let start = row * params.columns;
  var highest = logits[start];
  for (var c = 1u; c < params.columns; c++) { highest = max(highest, logits[start + c]); }
  var total = 0.0;
  for (var c = 0u; c < params.columns; c++) { total += exp(logits[start + c] - highest); }
  let sum = highest + log(total);
  lse[row] = sum;
  loss[row] = 0.0;
  if (targets[row] != UNSCORED) { loss[row] = sum - logits[start + targets[row]]; }
}
