// Rotary embedding, half-split as in transformers: the pair (x_i, x_{i + D/2}) turns by the angle pos · base^(-2i/D).
//   y_i = x_i cos - x_{i+D/2} sin,   y_{i+D/2} = x_{i+D/2} cos + x_i sin
// The backward pass is the turn by the opposite angle (sign = -1), since rotations are orthogonal.
// Eight invocations walk the pairs of a row, eight rows a workgroup.
// x, y [B, T, H, D], cosine, sine [positions, D/2], positions [T]; half is D/2 in elements
alias elem = vec4f;

struct Params { T: u32, H: u32, half: u32, sign: f32 }
@group(0) @binding(0) var<storage, read> x: array<elem>;
@group(0) @binding(1) var<storage, read> cosine: array<elem>;
@group(0) @binding(2) var<storage, read> sine: array<elem>;
@group(0) @binding(3) var<storage, read> positions: array<u32>;
@group(0) @binding(4) var<storage, read_write> y: array<elem>;
@group(0) @binding(5) var<uniform> params: Params;

@compute @workgroup_size(8, 8)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let r = group.x * 8u + local.y; // (t, h)
  if (r >= params.T * params.H) { return; }
  let angle = positions[r / params.H] * params.half;
  let row = (group.y * params.T * params.H + r) * params.half * 2u;
  for (var i = local.x; i < params.half; i += 8u) {
    let c = cosine[angle + i];
    let s = sine[angle + i] * params.sign;
    let low = row + i;
    let high = low + params.half;
    let a = x[low];
    let b = x[high];
    y[low] = a * c - b * s;
    y[high] = b * c + a * s;
  }
}
