// The third step: no workgroup memory. Each invocation keeps ROWS x COLUMNS elements of C in registers and loads what
// it needs of A and B itself: a loaded element of A is used COLUMNS times, one of B ROWS times. What it won: no
// barrier and no copy, which is 2.5 times the tiles' rate where workgroup memory is ordinary memory (a CPU); on a GPU
// the caches carry what the tiles carried, with more loads. Loads take any layout by strides.
const PACKED = false; // B holds bf16
const ROWS = 8u;
const COLUMNS = 8u;
alias elem = f32; // of C, for the epilogues that are appended

struct Params {
  M: u32, N: u32, K: u32,
  a_row: u32, a_column: u32, a_batch: u32,
  b_row: u32, b_column: u32, b_batch: u32,
  c_row: u32, c_batch: u32,
  alpha: f32,
  epilogue: u32,
}
@group(0) @binding(0) var<storage, read> A: array<f32>;
@group(0) @binding(1) var<storage, read> B: array<u32>;
@group(0) @binding(2) var<storage, read_write> C: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

// Element i of B; as bf16 it is half a word, the first in its low half.
fn load_b(i: u32) -> f32 {
  if (PACKED) { return bitcast<f32>((B[i / 2u] >> (16u * (i % 2u))) << 16u); }
  return bitcast<f32>(B[i]);
}

@compute @workgroup_size(8, 8) // x walks columns: neighbours load neighbours of B
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let p = params;
  let m0 = group.x * 8u * ROWS + local.y * ROWS;
  let n0 = group.y * 8u * COLUMNS + local.x;
  var sums: array<array<f32, COLUMNS>, ROWS>;
  var a_from: array<u32, ROWS>; // beyond the last row or column, loads repeat it; what comes of it is not stored
  var b_from: array<u32, COLUMNS>;
  /*unroll*/ for (var i = 0u; i < ROWS; i++) { a_from[i] = group.z * p.a_batch + min(m0 + i, p.M - 1u) * p.a_row; }
  /*unroll*/ for (var j = 0u; j < COLUMNS; j++) {
    b_from[j] = group.z * p.b_batch + min(n0 + 8u * j, p.N - 1u) * p.b_column;
  }
  var b: array<f32, COLUMNS>;
  for (var k = 0u; k < p.K; k++) {
    /*unroll*/ for (var j = 0u; j < COLUMNS; j++) { b[j] = load_b(b_from[j] + k * p.b_row); }
    /*unroll*/ for (var i = 0u; i < ROWS; i++) {
      let a = A[a_from[i] + k * p.a_column];
      /*unroll*/ for (var j = 0u; j < COLUMNS; j++) { sums[i][j] = fma(a, b[j], sums[i][j]); }
    }
  }
  // One row at a time goes to C and the others move up, each epilogue in a loop of its own: see subgroup.wgsl.
  let c_from = group.z * p.c_batch;
  for (var r = select(ROWS, 0u, p.epilogue == STORE); r < ROWS; r++) {
    /*unroll*/ for (var j = 0u; j < COLUMNS; j++) {
      let n = n0 + 8u * j;
      if (m0 + r < p.M && n < p.N) { C[c_from + (m0 + r) * p.c_row + n] = p.alpha * sums[0][j]; }
    }
    /*unroll*/ for (var i = 0u; i < ROWS - 1u; i++) { sums[i] = sums[i + 1u]; }
  }
  for (var r = select(ROWS, 0u, p.epilogue == ADD); r < ROWS; r++) {
    /*unroll*/ for (var j = 0u; j < COLUMNS; j++) {
      let n = n0 + 8u * j;
      if (m0 + r < p.M && n < p.N) { C[c_from + (m0 + r) * p.c_row + n] += p.alpha * sums[0][j]; }
    }
    /*unroll*/ for (var i = 0u; i < ROWS - 1u; i++) { sums[i] = sums[i + 1u]; }
  }
  for (var r = select(ROWS, 0u, p.epilogue == GATE); r < ROWS; r++) {
    /*unroll*/ for (var j = 0u; j < COLUMNS; j++) {
      let n = n0 + 8u * j;
      if (m0 + r < p.M && n < p.N) {
        let c = c_from + (m0 + r) * p.c_row + n;
        C[c] = gelu(C[c]) * (p.alpha * sums[0][j]);
      }
    }
    /*unroll*/ for (var i = 0u; i < ROWS - 1u; i++) { sums[i] = sums[i + 1u]; }
  }
}
