// parts[p] = Σ of x over part p (of the squares when SQUARES): a sum of any length in two ordered steps.
// 64 invocations stride over the part, then the first adds their sums in order.
const SQUARES = false;

struct Params { count: u32, part: u32, first: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> parts: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

var<workgroup> sums: array<f32, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let end = min((group.x + 1u) * params.part, params.count);
  var sum = 0.0;
  for (var i = group.x * params.part + lane; i < end; i += 64u) {
    let value = x[i];
    sum += select(value, value * value, SQUARES);
  }
  sums[lane] = sum;
  workgroupBarrier();
  if (lane == 0u) {
    var total = 0.0;
    for (var i = 0u; i < 64u; i++) { total += sums[i]; }
    parts[params.first + group.x] = total;
  }
}
