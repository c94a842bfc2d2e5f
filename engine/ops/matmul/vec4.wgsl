// The fourth step: tiles in workgroup memory again, but everything moves in vec4 and an invocation keeps 8 x 8
// elements of C: what wins on discrete GPUs. An invocation loads blocks of 4 x 4, turning in registers those that are
// stored the other way, so both tiles stand as [k, m] and [k, n] and 16 floats of them feed 64 multiply-adds.
// What it won: a quarter of the load instructions of `tiled`, and four times its work for each element in the tiles.
//
// A comes along k (along m where it is stored transposed: A_ALONG_M), B along n (along k where it is stored
// transposed: B_ALONG_K), C along n; sizes and strides along those axes are multiples of four.
const PACKED = false; // B holds bf16; only with B_ALONG_K, and K and its strides are multiples of eight
const A_ALONG_M = false;
const B_ALONG_K = false;
const SIDE = 8u; // invocations along m and along n; the tile of C is 8 SIDE x 8 SIDE
const DEPTH = 16u; // values of k in a tile
const QUADS = 2u * SIDE; // vec4s along m, and along n
const TILE_BLOCKS = QUADS * DEPTH / 4u; // blocks of 4 x 4 in one of the two tiles
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

var<workgroup> tile_a: array<vec4f, DEPTH * QUADS>; // [k, quad of m]
var<workgroup> tile_b: array<vec4f, DEPTH * QUADS>; // [k, quad of n]

// Elements 4 i to 4 i + 3 of B; as bf16 they are half of a vec4 of words.
fn load_b(i: u32) -> vec4f {
  if (PACKED) {
    let words = B[i / 2u];
    let w = select(words.xy, words.zw, i % 2u == 1u);
    return bitcast<vec4f>(vec4u(w.x << 16u, w.x & 0xffff0000u, w.y << 16u, w.y & 0xffff0000u));
  }
  return bitcast<vec4f>(B[i]);
}

// Rows k..k+3 of four columns, from storage where k is the slow axis; beyond K they are zero.
fn across_a(quad: u32, k: u32, batch: u32) -> mat4x4f {
  let p = params;
  var rows: mat4x4f;
  let m = min(quad, p.M / 4u - 1u);
  /*unroll*/ for (var s = 0u; s < 4u; s++) {
    if (k + s < p.K) { rows[s] = A[batch * p.a_batch + (k + s) * p.a_row + m]; }
  }
  return rows;
}
fn across_b(quad: u32, k: u32, batch: u32) -> mat4x4f {
  let p = params;
  var rows: mat4x4f;
  let n = min(quad, p.N / 4u - 1u);
  /*unroll*/ for (var s = 0u; s < 4u; s++) {
    if (k + s < p.K) { rows[s] = load_b(batch * p.b_batch + (k + s) * p.b_row + n); }
  }
  return rows;
}
// The same from storage where k is the fast axis: four rows of it, turned.
fn along_a(quad: u32, k: u32, batch: u32) -> mat4x4f {
  let p = params;
  var columns: mat4x4f;
  if (k < p.K) {
    /*unroll*/ for (var r = 0u; r < 4u; r++) {
      columns[r] = A[batch * p.a_batch + min(4u * quad + r, p.M - 1u) * p.a_row + k / 4u];
    }
  }
  return transpose(columns);
}
fn along_b(quad: u32, k: u32, batch: u32) -> mat4x4f {
  let p = params;
  var columns: mat4x4f;
  if (k < p.K) {
    /*unroll*/ for (var r = 0u; r < 4u; r++) {
      columns[r] = load_b(batch * p.b_batch + min(4u * quad + r, p.N - 1u) * p.b_row + k / 4u);
    }
  }
  return transpose(columns);
}

@compute @workgroup_size(SIDE, SIDE)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let p = params;
  let m0 = group.x * QUADS; // in vec4
  let n0 = group.y * QUADS;
  var sums: array<array<vec4f, 2>, 8>;
  for (var k0 = 0u; k0 < p.K; k0 += DEPTH) {
    // Neighbours walk the axis that is contiguous in memory.
    for (var e = index; e < TILE_BLOCKS; e += SIDE * SIDE) {
      var quad = e / (DEPTH / 4u);
      var k = 4u * (e % (DEPTH / 4u));
      if (A_ALONG_M) { quad = e % QUADS; k = 4u * (e / QUADS); }
      var rows: mat4x4f;
      if (A_ALONG_M) { rows = across_a(m0 + quad, k0 + k, group.z); } else { rows = along_a(m0 + quad, k0 + k, group.z); }
      /*unroll*/ for (var s = 0u; s < 4u; s++) { tile_a[(k + s) * QUADS + quad] = rows[s]; }
    }
    for (var e = index; e < TILE_BLOCKS; e += SIDE * SIDE) {
      var quad = e % QUADS;
      var k = 4u * (e / QUADS);
      if (B_ALONG_K) { quad = e / (DEPTH / 4u); k = 4u * (e % (DEPTH / 4u)); }
      var rows: mat4x4f;
      if (B_ALONG_K) { rows = along_b(n0 + quad, k0 + k, group.z); } else { rows = across_b(n0 + quad, k0 + k, group.z); }
      /*unroll*/ for (var s = 0u; s < 4u; s++) { tile_b[(k + s) * QUADS + quad] = rows[s]; }
    }
    workgroupBarrier();
    for (var k = 0u; k < DEPTH; k++) {
      // Two quads half a tile apart: neighbours read neighbours, so the banks do not meet.
      let a0 = tile_a[k * QUADS + local.y];
      let a1 = tile_a[k * QUADS + SIDE + local.y];
      let b0 = tile_b[k * QUADS + local.x];
      let b1 = tile_b[k * QUADS + SIDE + local.x];
      /*unroll*/ for (var i = 0u; i < 4u; i++) {
        sums[i][0] = fma(vec4f(a0[i]), b0, sums[i][0]);
        sums[i][1] = fma(vec4f(a0[i]), b1, sums[i][1]);
        sums[4u + i][0] = fma(vec4f(a1[i]), b0, sums[4u + i][0]);
        sums[4u + i][1] = fma(vec4f(a1[i]), b1, sums[4u + i][1]);
      }
    }
    workgroupBarrier();
  }
  /*unroll*/ for (var i = 0u; i < 8u; i++) {
    /*unroll*/ for (var j = 0u; j < 2u; j++) {
      let m = 4u * (m0 + (i / 4u) * SIDE + local.y) + i % 4u;
      let n = n0 + j * SIDE + local.x;
      if (m < p.M && n < p.N / 4u) { finish(group.z * p.c_batch + m * p.c_row + n, p.alpha * sums[i][j]); }
    }
  }
}
