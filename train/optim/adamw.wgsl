// AdamW with decoupled weight decay, one invocation a weight (Loshchilov and Hutter, ICLR 2019; order of PyTorch):
//   p ← p (1 - lr decay);  m ← β₁ m + (1-β₁) g;  v ← β₂ v + (1-β₂) g²
//   p ← p - lr / (1-β₁ᵗ) · m / (√v / √(1-β₂ᵗ) + ε),   g the clipped gradient
// p, m, v, gradient [count]; clip [2] as in clip.wgsl; schedule [4] = (lr, lr / (1-β₁ᵗ), √(1-β₂ᵗ), -), new every step
// The complements 1-β come from the host: in f32, 1 - 0.999 is off by 1.3e-5 of itself.
struct Params { count: u32, beta1: f32, rest1: f32, beta2: f32, rest2: f32, eps: f32, decay: f32 }
@group(0) @binding(0) var<storage, read_write> p: array<f32>;
@group(0) @binding(1) var<storage, read_write> m: array<f32>;
@group(0) @binding(2) var<storage, read_write> v: array<f32>;
@group(0) @binding(3) var<storage, read> gradient: array<f32>;
@group(0) @binding(4) var<storage, read> clip: array<f32>;
@group(0) @binding(5) var<storage, read> schedule: array<f32>;
@group(0) @binding(6) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 64u + lane;
  if (i >= params.count) { return; }
  let g = gradient[i] * clip[1];
  let first = params.beta1 * m[i] + params.rest1 * g;
  let second = params.beta2 * v[i] + params.rest2 * g * g;
  m[i] = first;
  v[i] = second;
  let decayed = p[i] * (1.0 - schedule[0] * params.decay);
  p[i] = decayed - schedule[1] * first / (sqrt(second) / schedule[2] + params.eps);
}
