// into = into + from, or into = from: how gradients meet.   into, from [count]
const ADD = true;

struct Params { count: u32 }
@group(0) @binding(0) var<storage, read_write> into: array<f32>;
@group(0) @binding(1) var<storage, read> source: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 64u + lane;
  if (i >= params.count) { return; }
  if (ADD) { into[i] += source[i]; } else { into[i] = source[i]; }
}
