// y = (⟨a, b⟩, ⟨a, a⟩, ⟨b, b⟩) of each row: all that any cosine over rows, or over several rows joined, needs.
// One invocation a row.   a, b [R, C], y [R, 3]
struct Params { rows: u32, columns: u32 }
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = (group.y * groups.x + group.x) * 64u + lane;
  if (row >= params.rows) { return; }
  let start = row * params.columns;
  var sums = vec3f();
  for (var c = 0u; c < params.columns; c++) {
    let u = a[start + c];
    let v = b[start + c];
    sums += vec3f(u * v, u * u, v * v);
  }
  y[3u * row] = sums.x;
  y[3u * row + 1u] = sums.y;
  y[3u * row + 2u] = sums.z;
}
