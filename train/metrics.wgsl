// history[row] = (losses, clip, 0, 0), row = schedule[3]: steps leave here what one read then fetches for all of them.
// losses [4], clip [2] = (norm, factor), schedule [4], history [rows, 8]
@group(0) @binding(0) var<storage, read> losses: array<f32>;
@group(0) @binding(1) var<storage, read> clip: array<f32>;
@group(0) @binding(2) var<storage, read> schedule: array<f32>;
@group(0) @binding(3) var<storage, read_write> history: array<f32>;

@compute @workgroup_size(1)
fn main() {
  let first = 8u * u32(schedule[3]);
  for (var i = 0u; i < 4u; i++) { history[first + i] = losses[i]; }
  history[first + 4u] = clip[0];
  history[first + 5u] = clip[1];
}
