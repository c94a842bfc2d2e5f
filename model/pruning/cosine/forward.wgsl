// y = (⟨a, b⟩, ⟨a, a⟩, ⟨b, b⟩) of each row: all that any cosine over rows, or over several rows joined, needs.
// A subgroup a row.   a, b [R, C], y [R, 3]
const LANES = 8u;
const ROWS = 8u; // subgroups, and so rows, of a workgroup
const WIDTH = 4u;
alias elem = vec4f;
const REST = f32(WIDTH / 4u); // 1 where elem is vec4f, 0 where it is f32: one sum serves both

struct Params { rows: u32, columns: u32 }
@group(0) @binding(0) var<storage, read> a: array<elem>;
@group(0) @binding(1) var<storage, read> b: array<elem>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(LANES * ROWS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let lane = local % LANES;
  let row = (group.y * groups.x + group.x) * ROWS + local / LANES;
  if (row >= params.rows) { return; }
  let columns = params.columns / WIDTH;
  let start = row * columns;
  var ab = elem();
  var aa = elem();
  var bb = elem();
  for (var c = lane; c < columns; c += LANES) {
    let u = a[start + c];
    let v = b[start + c];
    ab += u * v;
    aa += u * u;
    bb += v * v;
  }
  let ones = vec4f(1.0, REST, REST, REST);
  let sums = subgroupAdd(vec3f(dot(vec4f(ab), ones), dot(vec4f(aa), ones), dot(vec4f(bb), ones)));
  if (lane == 0u) {
    y[3u * row] = sums.x;
    y[3u * row + 1u] = sums.y;
    y[3u * row + 2u] = sums.z;
  }
}
