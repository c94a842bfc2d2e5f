// norm = √(Σ squares), factor = min(1, limit / (norm + 1e-6)), as torch.nn.utils.clip_grad_norm_ has it.
// state [2] = (norm, factor)
struct Params { limit: f32 }
@group(0) @binding(0) var<storage, read> squares: array<f32>;
@group(0) @binding(1) var<storage, read_write> state: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(1)
fn main() {
  let norm = sqrt(squares[0]);
  state[0] = norm;
  state[1] = min(1.0, params.limit / (norm + 1.0e-6));
}
