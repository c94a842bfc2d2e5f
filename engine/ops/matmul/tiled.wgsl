// The second step: the same product through workgroup memory. 8 x 8 invocations share tiles of A and B, and each keeps
// a TILE x TILE block of C, so an element that was loaded once is used 8 · TILE times. What it won: memory traffic
// falls by that factor, which is what limits `naive` on a GPU. Loads take any layout by strides; elements outside the
// matrices load as zero.
const PACKED = false; // B holds bf16
const TILE = 4u;
const SIDE = 8u * TILE;
const DEPTH = 16u;
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

var<workgroup> tile_a: array<f32, DEPTH * SIDE>; // [k, m]
var<workgroup> tile_b: array<f32, DEPTH * SIDE>; // [k, n]

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let p = params;
  let m0 = group.x * SIDE;
  let n0 = group.y * SIDE;
  let row = (lane / 8u) * TILE;
  let column = (lane % 8u) * TILE;
  var sums: array<array<f32, TILE>, TILE>;
  for (var k0 = 0u; k0 < p.K; k0 += DEPTH) {
    for (var e = lane; e < DEPTH * SIDE; e += 64u) {
      // Neighbouring lanes walk the axis that is contiguous in memory.
      var mk = vec2u(e / DEPTH, e % DEPTH);
      if (p.a_row == 1u) { mk = vec2u(e % SIDE, e / SIDE); }
      var kn = vec2u(e / SIDE, e % SIDE);
      if (p.b_row == 1u) { kn = vec2u(e % DEPTH, e / DEPTH); }
      let a_inside = m0 + mk.x < p.M && k0 + mk.y < p.K;
      let b_inside = k0 + kn.x < p.K && n0 + kn.y < p.N;
      let a = A[select(0u, group.z * p.a_batch + (m0 + mk.x) * p.a_row + (k0 + mk.y) * p.a_column, a_inside)];
      let b = load_b(select(0u, group.z * p.b_batch + (k0 + kn.x) * p.b_row + (n0 + kn.y) * p.b_column, b_inside));
      tile_a[mk.y * SIDE + mk.x] = select(0.0, a, a_inside);
      tile_b[kn.x * SIDE + kn.y] = select(0.0, b, b_inside);
    }
    workgroupBarrier();
    for (var k = 0u; k < DEPTH; k++) {
      /*unroll*/ for (var i = 0u; i < TILE; i++) {
        let a = tile_a[k * SIDE + row + i];
        /*unroll*/ for (var j = 0u; j < TILE; j++) { sums[i][j] += a * tile_b[k * SIDE + column + j]; }
      }
    }
    workgroupBarrier();
  }
  /*unroll*/ for (var i = 0u; i < TILE; i++) {
    /*unroll*/ for (var j = 0u; j < TILE; j++) {
      let m = m0 + row + i;
      let n = n0 + column + j;
      if (m < p.M && n < p.N) { finish(group.z * p.c_batch + m * p.c_row + n, p.alpha * sums[i][j]); }
    }
  }
}
