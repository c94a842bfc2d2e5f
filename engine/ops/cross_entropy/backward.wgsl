// dz[n, c] = dloss[n] (softmax(z[n])_c - [c = target[n]]), 0 where the target is UNSCORED; one invocation an element.
const UNSCORED = 0xffffffffu;

struct Params { count: u32, columns: u32 }
@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> targets: array<u32>;
@group(0) @binding(2) var<storage, read> lse: array<f32>;
@group(0) @binding(3) var<storage, read> dloss: array<f32>;
@group(0) @binding(4) var<storage, read_write> dlogits: array<f32>;
@group(0) @binding(5) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 64u + lane;
  if (i >= params.count) { return; }
  let row = i / params.columns;
  let hit = select(0.0, 1.0, i % params.columns == targets[row]);
  let scored = select(1.0, 0.0, targets[row] == UNSCORED);
  dlogits[i] = scored * dloss[row] * (exp(logits[i] - lse[row]) - hit);
}
