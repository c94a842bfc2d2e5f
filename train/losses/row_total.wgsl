// total[n] = alpha parts[n, 0] + beta parts[n, 1].   parts [N, 4], total [N]
struct Params { rows: u32, alpha: f32, beta: f32 }
@group(0) @binding(0) var<storage, read> parts: array<f32>;
@group(0) @binding(1) var<storage, read_write> total: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = (group.y * groups.x + group.x) * 64u + lane;
  if (row >= params.rows) { return; }
  total[row] = params.alpha * parts[row * 4u] + params.beta * parts[row * 4u + 1u];
}
