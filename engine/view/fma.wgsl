// Multiply-adds with everything in registers: CHAINS independent vec4 chains, long enough to hide an addition's latency.
// x -> x / 2 + 1 / 2 goes to 1, so every y must be 4 CHAINS.   y [invocations]
const CHAINS = 4u;
const STEPS = 4u;

struct Params { rounds: u32, half: f32 }
@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@group(0) @binding(1) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let half = vec4f(params.half);
  var x: array<vec4f, CHAINS>;
  /*unroll*/ for (var c = 0u; c < CHAINS; c++) { x[c] = vec4f(f32(id.x % 7u + c)); }
  for (var round = 0u; round < params.rounds; round++) {
    /*unroll*/ for (var s = 0u; s < STEPS; s++) {
      /*unroll*/ for (var c = 0u; c < CHAINS; c++) { x[c] = fma(x[c], half, half); }
    }
  }
  var sum = vec4f(0.0);
  /*unroll*/ for (var c = 0u; c < CHAINS; c++) { sum += x[c]; }
  y[id.x] = dot(sum, vec4f(1.0));
}
