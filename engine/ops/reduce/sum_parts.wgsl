// parts[p] = Σ of x over part p (of the squares when SQUARES): a sum of any length in two ordered steps.
// A subgroup a part, BATCH loads of all lanes at a time; no workgroup memory, no barrier.   x [count], parts [P]
const SQUARES = false;
const LANES = 8u;
const BATCH = 4u;
const WIDTH = 4u;
alias elem = vec4f;
const REST = f32(WIDTH / 4u); // 1 where elem is vec4f, 0 where it is f32: one sum serves both

struct Params { count: u32, part: u32, first: u32 }
@group(0) @binding(0) var<storage, read> x: array<elem>;
@group(0) @binding(1) var<storage, read_write> parts: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

fn term(value: elem) -> elem {
  if (SQUARES) { return value * value; }
  return value;
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let end = min((group.x + 1u) * params.part, params.count) / WIDTH;
  var i = group.x * (params.part / WIDTH) + lane;
  var sum = elem();
  for (; i + (BATCH - 1u) * LANES < end; i += BATCH * LANES) {
    var batch = elem();
    /*unroll*/ for (var k = 0u; k < BATCH; k++) { batch += term(x[i + k * LANES]); }
    sum += batch;
  }
  for (; i < end; i += LANES) { sum += term(x[i]); }
  let total = subgroupAdd(dot(vec4f(sum), vec4f(1.0, REST, REST, REST)));
  if (lane == 0u) { parts[params.first + group.x] = total; }
}
