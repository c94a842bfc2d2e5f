// C = A B, both row-major; one subgroup a workgroup, no workgroup memory: on CPUs several times faster than tiles.
// Lane s loads A[m, k + s], so that one load serves LANES values of k through subgroupBroadcast; each lane keeps
// ROWS x BLOCKS elements (of WIDTH floats) of C in registers. Rows walk the grid first: the panel of B stays in cache.
const ADD = false;
const LANES = 8u;
const ROWS = 16u;
const BLOCKS = 2u;
const WIDTH = 4u;
alias elem = vec4f;

struct Params {
  M: u32, N: u32, K: u32,
  a_row: u32, a_batch: u32, // in floats
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
  var a: array<f32, ROWS>;
  var b: array<elem, BLOCKS>;
  for (var k = 0u; k < p.K; k += LANES) {
    // Beyond the last k, A counts as zero and B repeats its last row; beyond the last row or column, loads repeat.
    let k_lane = min(k + lane, p.K - 1u);
    let inside = select(0.0, 1.0, k + lane < p.K);
    /*unroll*/ for (var i = 0u; i < ROWS; i++) { a[i] = A[a0 + min(m0 + i, p.M - 1u) * p.a_row + k_lane] * inside; }
    /*unroll*/ for (var s = 0u; s < LANES; s++) {
      let b_row = b0 + min(k + s, p.K - 1u) * p.b_row;
      /*unroll*/ for (var j = 0u; j < BLOCKS; j++) { b[j] = B[b_row + min(n0 + j * LANES, last_n)]; }
      /*unroll*/ for (var i = 0u; i < ROWS; i++) {
        let x = elem(subgroupBroadcast(a[i], s));
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
