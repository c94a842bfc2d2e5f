// history[row] = (losses, clip, halted, 0), row = schedule[3]: steps leave here what one read then fetches for all of them.
// A loss or norm that is not finite halts: from this step on no update is made (clip factor -1), so that parameters and
// moments stay those before it. history[0, 6] remembers it. Told by the bits of a number: comparisons with NaN differ.
// losses [4], clip [2] = (norm, factor), schedule [4], history [rows, 8]
@group(0) @binding(0) var<storage, read> losses: array<f32>;
@group(0) @binding(1) var<storage, read_write> clip: array<f32>;
@group(0) @binding(2) var<storage, read> schedule: array<f32>;
@group(0) @binding(3) var<storage, read_write> history: array<f32>;

fn finite(x: f32) -> bool { return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u; }

@compute @workgroup_size(1)
fn main() {
  let first = 8u * u32(schedule[3]);
  if (!(finite(losses[0]) && finite(losses[1]) && finite(clip[0]))) { history[6] = 1.0; }
  if (history[6] != 0.0) { clip[1] = -1.0; }
  for (var i = 0u; i < 4u; i++) { history[first + i] = losses[i]; }
  history[first + 4u] = clip[0];
  history[first + 5u] = clip[1];
}
