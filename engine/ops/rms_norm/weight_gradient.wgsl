// partial[p, c] = Σ over the rows of part p of dy[r, c] x[r, c] rstd[r]: dw before the parts are summed in order.
// One invocation a column; parts make work for many workgroups while every sum keeps a fixed order.
const ROWS_PER_PART = 64u;

struct Params { rows: u32, columns: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> rstd: array<f32>;
@group(0) @binding(3) var<storage, read_write> parts: array<f32>;
@group(0) @binding(4) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let c = group.x * 64u + lane;
  if (c >= params.columns) { return; }
  let first = group.y * ROWS_PER_PART;
  let last = min(first + ROWS_PER_PART, params.rows);
  var sum = 0.0;
  for (var r = first; r < last; r++) { sum += dy[r * params.columns + c] * x[r * params.columns + c] * rstd[r]; }
  parts[group.y * params.columns + c] = sum;
}
