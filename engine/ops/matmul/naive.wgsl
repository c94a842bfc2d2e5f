// C[m, n] = alpha · Σ_k A[m, k] B[k, n], one invocation an element: the version to check by eye. What becomes of it,
// epilogue.wgsl says.
// The first step of five; `tiled`, `registers`, `vec4` and `subgroup` compute the same, each faster somewhere.
// Every multiply-add loads two elements, and each element of A is loaded N times.
// Every layout is a pair of strides: row-major A has (K, 1), transposed A has (1, M). Batches are strides too.
const PACKED = false; // B holds bf16
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

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let m = id.x;
  let n = id.y;
  let p = params;
  if (m >= p.M || n >= p.N) { return; }
  var sum = 0.0;
  for (var k = 0u; k < p.K; k++) {
    sum += A[id.z * p.a_batch + m * p.a_row + k * p.a_column] * load_b(id.z * p.b_batch + k * p.b_row + n * p.b_column);
  }
  finish(id.z * p.c_batch + m * p.c_row + n, p.alpha * sum);
}
