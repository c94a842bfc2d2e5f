// y = x where the element belongs to a token that counts, else `fill`: tokens `ends[b]` and after are right padding.
//   token = (i / stride) mod tokens      scores [.., T, S]: stride 1;   values [.., S, D]: stride D
// One invocation an element; there is nothing to share, so this is its own naive sibling.
struct Params { count: u32, per_batch: u32, stride: u32, tokens: u32, fill: f32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> ends: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 64u + lane;
  if (i >= params.count) { return; }
  y[i] = select(params.fill, x[i], (i / params.stride) % params.tokens < ends[i / params.per_batch]);
}
