// Rotary embedding, half-split as in transformers: the pair (x_i, x_{i + D/2}) turns by the angle pos · base^(-2i/D).
//   y_i = x_i cos - x_{i+D/2} sin,   y_{i+D/2} = x_{i+D/2} cos + x_i sin
// The backward pass is the turn by the opposite angle (sign = -1), since rotations are orthogonal.
// x, y [.., D] with T positions that advance every `inner` rows;   cosine, sine [positions, D/2], positions [T]
struct Params { rows: u32, half: u32, inner: u32, T: u32, sign: f32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> cosine: array<f32>;
@group(0) @binding(2) var<storage, read> sine: array<f32>;
@group(0) @binding(3) var<storage, read> positions: array<u32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;
@group(0) @binding(5) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let pair = (group.y * groups.x + group.x) * 64u + lane;
  let row = pair / params.half;
  if (row >= params.rows) { return; }
  let i = pair % params.half;
  let angle = positions[(row / params.inner) % params.T] * params.half + i;
  let c = cosine[angle];
  let s = sine[angle] * params.sign;
  let low = row * params.half * 2u + i;
  let high = low + params.half;
  let a = x[low];
  let b = x[high];
  y[low] = a * c - b * s;
  y[high] = b * c + a * s;
}
