// C = Aᵀ B with A stored [K, M]: the gradient of a weight. As subgroup_nn, but lane s holds A[k, m0 + s], so that one
// load serves LANES rows of C for one k.
const ADD = false;
const LANES = 8u;
const ROWS = 16u;
const LOADS = 2u; // ROWS / LANES, at least 1
const BLOCKS = 2u;
const WIDTH = 4u;
const DEPTH = 8u;
alias elem = vec4f;

struct Params {
  M: u32, N: u32, K: u32,
  a_row: u32, a_batch: u32, // in floats; a_row is the distance of two k
  b_row: u32, b_batch: u32, // in elements
  c_row: u32, c_batch: u32, // in elements
  alpha: f32,
}
@group(0) @binding(0) var<storage, read> A: array<f32>;
@group(0) @binding(1) var<storage, read> B: array<elem>;
@group(0) @binding(2) var<storage, read_write> C: array<elem>;
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let p = params;
  let m0 = group.x * ROWS;
  let n0 = group.y * LANES * BLOCKS + lane;
  let last_n = p.N / WIDTH - 1u;
  let a0 = group.z * p.a_batch;
  let b0 = group.z * p.b_batch;
  var sums: array<array<elem, BLOCKS>, ROWS>;
  var a: array<f32, LOADS>;
  var b: array<elem, BLOCKS>;
  for (var k0 = 0u; k0 < p.K; k0 += DEPTH) {
    /*unroll*/ for (var u = 0u; u < DEPTH; u++) {
      let k = min(k0 + u, p.K - 1u);
      let inside = select(0.0, 1.0, k0 + u < p.K);
      /*unroll*/ for (var l = 0u; l < LOADS; l++) {
        a[l] = A[a0 + k * p.a_row + min(m0 + l * LANES + lane, p.M - 1u)] * inside;
      }
      /*unroll*/ for (var j = 0u; j < BLOCKS; j++) { b[j] = B[b0 + k * p.b_row + min(n0 + j * LANES, last_n)]; }
      /*unroll*/ for (var i = 0u; i < ROWS; i++) {
        let x = elem(subgroupBroadcast(a[i / LANES], i % LANES));
        /*unroll*/ for (var j = 0u; j < BLOCKS; j++) { sums[i][j] = fma(x, b[j], sums[i][j]); }
      }
    }
  }
  /*unroll*/ for (var i = 0u; i < ROWS; i++) {
    /*unroll*/ for (var j = 0u; j < BLOCKS; j++) {
      let n = n0 + j * LANES;
      if (m0 + i < p.M && n <= last_n) {
        let c = group.z * p.c_batch + (m0 + i) * p.c_row + n;
        if (ADD) { C[c] += p.alpha * sums[i][j]; } else { C[c] = p.alpha * sums[i][j]; }
      }
    }
  }
}
