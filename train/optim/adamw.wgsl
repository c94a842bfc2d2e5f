// AdamW with decoupled weight decay, one invocation an element (Loshchilov and Hutter, ICLR 2019; order of PyTorch):
//   p ← p (1 - lr decay);  m ← β₁ m + (1-β₁) g;  v ← β₂ v + (1-β₂) g²
//   p ← p - lr / (1-β₁ᵗ) · m / (√v / √(1-β₂ᵗ) + ε),   g the clipped gradient
// p, m, v, gradient [count]; clip [2] as in clip.wgsl, a factor below 0 withholds the update; schedule [4] = (lr, lr / (1-β₁ᵗ), √(1-β₂ᵗ), 0), new every step
// Four loads and three stores an element; what all share is loaded once for four of them, and before the bounds are
// checked: behind a condition a software adapter loads it lane by lane.
// The complements 1-β come from the host: in f32, 1 - 0.999 is off by 1.3e-5 of itself.
alias elem = vec4f;

struct Params { count: u32, beta1: f32, rest1: f32, beta2: f32, rest2: f32, eps: f32, decay: f32 }
@group(0) @binding(0) var<storage, read_write> p: array<elem>;
@group(0) @binding(1) var<storage, read_write> m: array<elem>;
@group(0) @binding(2) var<storage, read_write> v: array<elem>;
@group(0) @binding(3) var<storage, read> gradient: array<elem>;
@group(0) @binding(4) var<storage, read> clip: array<f32>;
@group(0) @binding(5) var<storage, read> schedule: array<f32>;
@group(0) @binding(6) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 64u + lane;
  let factor = clip[1];
  let keep = 1.0 - schedule[0] * params.decay;
  let rate = schedule[1];
  let root = schedule[2];
  if (i >= params.count || factor < 0.0) { return; }
  let g = gradient[i] * factor;
  let first = params.beta1 * m[i] + params.rest1 * g;
  let second = params.beta2 * v[i] + params.rest2 * g * g;
  m[i] = first;
  v[i] = second;
  p[i] = p[i] * keep - rate * first / (sqrt(second) / root + params.eps);
}
