// The last step: one subgroup a workgroup and no workgroup memory. What it won: on a CPU playing the GPU every load
// is a loop over the lanes, so loads, not multiply-adds, are the cost. Here each load brings four floats, and no two
// lanes load the same: what a lane has of A reaches the others through subgroupBroadcast. Four values of k at a time
// go through a block of ROWS rows by BLOCKS x 4 columns a lane, one row after the other: a row's sums stay in
// registers while its four k pass. Rows walk the grid first, so that the panel of B stays in the cache.
//
// Everything comes in vec4: A along k (along m where it is stored transposed: A_ALONG_M), B along n (along k where it
// is stored transposed: B_ALONG_K), C along n; sizes and strides along those axes are multiples of four.
// PACKED: B holds bf16, two to a word, the first in its low half; a load brings eight values of k. Only with
// B_ALONG_K, and K and its strides are multiples of eight.
//
// Such a driver also compiles each load and store as a loop over the lanes, one for each of four floats: those of C
// would take it longer than all the rest, were they written out. So C takes a few rows at a time from the top of the
// block and the others move up. And it takes both sides of a branch, where a loop without rounds is nearly free: each
// epilogue is a loop of its own.
const PACKED = false;
const A_ALONG_M = false;
const B_ALONG_K = false;
const K_TAIL = false; // K is no multiple of STEP; only with A_ALONG_M
const LANES = 8u;
const ROWS = 32u;
const BLOCKS = 2u;
const STEP = 4u; // values of k a round: 8 when PACKED
const OWNERS = 8u; // lanes that load A: all, or as many as ROWS has fours when A_ALONG_M
const OWNED = (ROWS + OWNERS - 1u) / OWNERS; // rows of A that a lane loads
const MANY = (ROWS + 7u) / 8u; // rows that are stored together
const FEW = (ROWS + 31u) / 32u; // rows that are read, changed and stored together
alias elem = vec4f; // of C, for the epilogues that are appended

struct Params {
  M: u32, N: u32, K: u32,
  a_row: u32, a_batch: u32, // in vec4
  b_row: u32, b_batch: u32, // in fours
  c_row: u32, c_batch: u32, // in vec4
  alpha: f32,
  epilogue: u32,
}
@group(0) @binding(0) var<storage, read> A: array<vec4f>;
@group(0) @binding(1) var<storage, read> B: array<vec4u>;
@group(0) @binding(2) var<storage, read_write> C: array<vec4f>;
@group(0) @binding(3) var<uniform> params: Params;

// Where row i of a block stands: along m a lane owns four that follow one another.
fn place(i: u32) -> u32 {
  if (A_ALONG_M) { return 4u * (i / (4u * OWNERS) * OWNERS + i % OWNERS) + i / OWNERS % 4u; }
  return i;
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let p = params;
  let m0 = group.x * ROWS;
  let n0 = group.y * LANES * BLOCKS + lane; // in vec4
  let last_n = p.N / 4u - 1u;
  // Beyond the last row or column, loads repeat the last one; what comes of it is not stored.
  var a_from: array<u32, OWNED>;
  /*unroll*/ for (var l = 0u; l < OWNED; l++) {
    let m = m0 + (l * LANES + lane) * select(1u, 4u, A_ALONG_M);
    a_from[l] = group.z * p.a_batch + select(min(m, p.M - 1u) * p.a_row, min(m / 4u, p.M / 4u - 1u), A_ALONG_M);
  }
  var b_from: array<u32, BLOCKS>;
  /*unroll*/ for (var j = 0u; j < BLOCKS; j++) {
    let n = min(n0 + j * LANES, last_n);
    b_from[j] = group.z * p.b_batch + select(n, 4u * n * p.b_row, B_ALONG_K);
  }
  var sums: array<array<vec4f, BLOCKS>, ROWS>;
  var a: array<array<f32, OWNED>, STEP>; // [k][row]
  var b: array<array<vec4f, BLOCKS>, STEP>; // [k][block]
  for (var k = 0u; k < p.K; k += STEP) {
    if (A_ALONG_M) {
      /*unroll*/ for (var s = 0u; s < STEP; s++) {
        var row = k + s;
        if (K_TAIL) { row = min(row, p.K - 1u); }
        /*unroll*/ for (var l = 0u; l < OWNED / 4u; l++) {
          var four = A[a_from[l] + row * p.a_row];
          if (K_TAIL) { four *= select(0.0, 1.0, k + s < p.K); }
          /*unroll*/ for (var r = 0u; r < 4u; r++) { a[s][4u * l + r] = four[r]; }
        }
      }
    } else {
      /*unroll*/ for (var q = 0u; q < STEP / 4u; q++) {
        /*unroll*/ for (var l = 0u; l < OWNED; l++) {
          let four = A[a_from[l] + k / 4u + q];
          /*unroll*/ for (var s = 0u; s < 4u; s++) { a[4u * q + s][l] = four[s]; }
        }
      }
    }
    /*unroll*/ for (var j = 0u; j < BLOCKS; j++) {
      if (B_ALONG_K) { // four columns, each with STEP values of k, and turned in registers
        let at = b_from[j] + k / 4u;
        let w0 = B[at / (STEP / 4u)];
        let w1 = B[(at + p.b_row) / (STEP / 4u)];
        let w2 = B[(at + 2u * p.b_row) / (STEP / 4u)];
        let w3 = B[(at + 3u * p.b_row) / (STEP / 4u)];
        /*unroll*/ for (var s = 0u; s < STEP; s++) {
          if (PACKED) {
            let words = vec4u(w0[s / 2u], w1[s / 2u], w2[s / 2u], w3[s / 2u]);
            b[s][j] = bitcast<vec4f>(select(words << vec4u(16u), words & vec4u(0xffff0000u), s % 2u == 1u));
          } else {
            b[s][j] = bitcast<vec4f>(vec4u(w0[s % 4u], w1[s % 4u], w2[s % 4u], w3[s % 4u]));
          }
        }
      } else {
        /*unroll*/ for (var s = 0u; s < STEP; s++) {
          var row = k + s;
          if (K_TAIL) { row = min(row, p.K - 1u); }
          b[s][j] = bitcast<vec4f>(B[b_from[j] + row * p.b_row]);
        }
      }
    }
    /*unroll*/ for (var i = 0u; i < ROWS; i++) {
      /*unroll*/ for (var s = 0u; s < STEP; s++) {
        let x = vec4f(subgroupBroadcast(a[s][i / OWNERS], i % OWNERS));
        /*unroll*/ for (var j = 0u; j < BLOCKS; j++) { sums[i][j] = fma(x, b[s][j], sums[i][j]); }
      }
    }
  }
  let c_from = group.z * p.c_batch;
  for (var r = select(ROWS, 0u, p.epilogue == STORE); r < ROWS; r += MANY) {
    /*unroll*/ for (var i = 0u; i < MANY; i++) {
      let m = m0 + place(r + i);
      /*unroll*/ for (var j = 0u; j < BLOCKS; j++) {
        let n = n0 + j * LANES;
        if (m < p.M && n <= last_n) { C[c_from + m * p.c_row + n] = p.alpha * sums[i][j]; }
      }
    }
    /*unroll*/ for (var i = 0u; i < ROWS - MANY; i++) { sums[i] = sums[i + MANY]; }
  }
  for (var r = select(ROWS, 0u, p.epilogue == ADD); r < ROWS; r += FEW) {
    /*unroll*/ for (var i = 0u; i < FEW; i++) {
      let m = m0 + place(r + i);
      /*unroll*/ for (var j = 0u; j < BLOCKS; j++) {
        let n = n0 + j * LANES;
        if (m < p.M && n <= last_n) { C[c_from + m * p.c_row + n] += p.alpha * sums[i][j]; }
      }
    }
    /*unroll*/ for (var i = 0u; i < ROWS - FEW; i++) { sums[i] = sums[i + FEW]; }
  }
  for (var r = select(ROWS, 0u, p.epilogue == GATE); r < ROWS; r += FEW) {
    /*unroll*/ for (var i = 0u; i < FEW; i++) {
      let m = m0 + place(r + i);
      /*unroll*/ for (var j = 0u; j < BLOCKS; j++) {
        let n = n0 + j * LANES;
        if (m < p.M && n <= last_n) {
          let c = c_from + m * p.c_row + n;
          C[c] = gelu(C[c]) * (p.alpha * sums[i][j]);
        }
      }
    }
    /*unroll*/ for (var i = 0u; i < ROWS - FEW; i++) { sums[i] = sums[i + FEW]; }
  }
}
