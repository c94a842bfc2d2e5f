// Softmax over the keys that a query may see: those in [low, high); zero elsewhere, and everywhere if there is none.
//   high = min(q + 1, end of the batch's keys), low = max(first key of the row's batch, q + 1 - window), q = first query of the batch + t
// A subgroup a row.   x, y [R, C], spans [B, 3] = (first key, first query, end of keys), as in masked_naive.wgsl
const LANES = 8u;
const ROWS = 8u; // subgroups, and so rows, of a workgroup
const LOWEST = -3.0e38;

struct Params { rows: u32, columns: u32, T: u32, rows_per_batch: u32, window: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> spans: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(LANES * ROWS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let lane = local % LANES;
  let row = (group.y * groups.x + group.x) * ROWS + local / LANES;
  if (row >= params.rows) { return; }
  let start = row * params.columns;
  let batch = row / params.rows_per_batch;
  let q = spans[3u * batch + 1u] + row % params.T;
  let high = min(min(q + 1u, spans[3u * batch + 2u]), params.columns);
  let low = max(spans[3u * batch], q + 1u - min(q + 1u, params.window));
  var highest = LOWEST;
  for (var c = low + lane; c < high; c += LANES) { highest = max(highest, x[start + c]); }
  let top = subgroupMax(highest);
  var total = 0.0;
  for (var c = low + lane; c < high; c += LANES) { total += exp(x[start + c] - top); }
  let weight = 1.0 / max(subgroupAdd(total), 1.0e-30); // a row without keys has no sum to divide by
  for (var c = lane; c < params.columns; c += LANES) {
    let seen = c >= low && c < high;
    y[start + c] = select(0.0, exp(x[start + select(low, c, seen)] - top) * weight, seen);
  }
}
