// Softmax over the keys that a query may see: those in [low, high); zero elsewhere, and everywhere if there is none.
//   high = min(q + 1, end of the batch's keys), low = max(first key of the row's batch, q + 1 - window), q = first query of the batch + t
// One invocation a row.   x, y [R, C], row r belongs to batch r / rows_per_batch and query t = r mod T;
// spans [B, 3] = (first key, first query, end of keys): left padding, length of the cache when generating, right padding.
struct Params { rows: u32, columns: u32, T: u32, rows_per_batch: u32, window: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> spans: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = (group.y * groups.x + group.x) * 64u + lane;
  if (row >= params.rows) { return; }
  let start = row * params.columns;
  let batch = row / params.rows_per_batch;
  let q = spans[3u * batch + 1u] + row % params.T;
  let high = min(min(q + 1u, spans[3u * batch + 2u]), params.columns);
  let low = max(spans[3u * batch], q + 1u - min(q + 1u, params.window));
  for (var c = 0u; c < params.columns; c++) { y[start + c] = 0.0; }
  if (low >= high) { return; }
  var highest = x[start + low];
  for (var c = low; c < high; c++) { highest = max(highest, x[start + c]); }
  var total = 0.0;
  for (var c = low; c < high; c++) { total += exp(x[start + c] - highest); }
  for (var c = low; c < high; c++) { y[start + c] = exp(x[start + c] - highest) / total; }
}
