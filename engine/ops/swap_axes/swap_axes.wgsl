// y[b, c, a, d] = x[b, a, c, d]: positions by heads becomes heads by positions.
struct Params { count: u32, A: u32, C: u32, D: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 64u + lane;
  if (i >= params.count) { return; }
  let p = params;
  let d = i % p.D;
  let a = (i / p.D) % p.A;
  let c = (i / (p.D * p.A)) % p.C;
  let b = i / (p.D * p.A * p.C);
  y[i] = x[((b * p.A + a) * p.C + c) * p.D + d];
}
