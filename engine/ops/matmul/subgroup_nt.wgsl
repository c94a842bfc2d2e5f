// C = A Bᵀ with B stored [N, K], as linear layers store their weights. As subgroup_nn, but a lane owns whole columns:
// it loads WIDTH values of k of each of its COLUMNS rows of B at once.
const ADD = false;
const LANES = 8u;
const ROWS = 16u;
const COLUMNS = 8u;
const WIDTH = 4u;
alias elem = vec4f;

struct Params {
  M: u32, N: u32, K: u32,
  a_row: u32, a_batch: u32, // in floats
  b_row: u32, b_batch: u32, // in elements
  c_row: u32, c_batch: u32, // in floats
  alpha: f32,
}
@group(0) @binding(0) var<storage, read> A: array<f32>;
@group(0) @binding(1) var<storage, read> B: array<elem>;
@group(0) @binding(2) var<storage, read_write> C: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let p = params;
  let m0 = group.x * ROWS;
  let n0 = group.y * LANES * COLUMNS + lane;
  let last_k = p.K / WIDTH - 1u;
  let a0 = group.z * p.a_batch;
  let b0 = group.z * p.b_batch;
  var sums: array<array<f32, COLUMNS>, ROWS>;
  var a: array<f32, ROWS>;
  for (var k = 0u; k < p.K; k += LANES) {
    let k_lane = min(k + lane, p.K - 1u);
    let inside = select(0.0, 1.0, k + lane < p.K);
    /*unroll*/ for (var i = 0u; i < ROWS; i++) { a[i] = A[a0 + min(m0 + i, p.M - 1u) * p.a_row + k_lane] * inside; }
    /*unroll*/ for (var s = 0u; s < LANES; s += WIDTH) {
      let k_elem = min((k + s) / WIDTH, last_k);
      /*unroll*/ for (var j = 0u; j < COLUMNS; j++) {
        let b = vec4f(B[b0 + min(n0 + j * LANES, p.N - 1u) * p.b_row + k_elem]);
        /*unroll*/ for (var u = 0u; u < WIDTH; u++) {
          /*unroll*/ for (var i = 0u; i < ROWS; i++) { sums[i][j] = fma(subgroupBroadcast(a[i], s + u), b[u], sums[i][j]); }
        }
      }
    }
  }
  /*unroll*/ for (var j = 0u; j < COLUMNS; j++) {
    let n = n0 + j * LANES;
    /*unroll*/ for (var i = 0u; i < ROWS; i++) {
      if (m0 + i < p.M && n < p.N) {
        let c = group.z * p.c_batch + (m0 + i) * p.c_row + n;
        if (ADD) { C[c] += p.alpha * sums[i][j]; } else { C[c] = p.alpha * sums[i][j]; }
      }
    }
  }
}
