// As forward_naive.wgsl, by tiles in workgroup memory: for GPUs. A workgroup takes TILE queries through the keys, TILE at a time: scores
// from slices of DEPTH channels, a running maximum and sum ("online softmax"), and the weights from workgroup memory times v.
// An invocation holds ROWS x KEYS scores and ROWS x CHANNELS elements of y, each at a stride of TALL or WIDE.
const WIDE = 16u; // invocations of a workgroup, and each one's rows and columns of a tile
const TALL = 8u;
const ROWS = 4u;
const KEYS = 2u;
const TILE = 32u; // TALL * ROWS = WIDE * KEYS
const DEPTH = 16u;
const CHANNELS = 2u; // D / WIDE, rounded up
const UNSEEN = -3.0e38;
const LOWEST = -1.0e38; // above UNSEEN, so that the weight of a key that is not seen is exp(UNSEEN - LOWEST) = 0

struct Params { B: u32, T: u32, S: u32, H: u32, G: u32, D: u32, window: u32, scale: f32 }
@group(0) @binding(0) var<storage, read> q: array<f32>;
@group(0) @binding(1) var<storage, read> k: array<f32>;
@group(0) @binding(2) var<storage, read> v: array<f32>;
@group(0) @binding(3) var<storage, read> spans: array<u32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;
@group(0) @binding(5) var<storage, read_write> lse: array<f32>;
@group(0) @binding(6) var<uniform> params: Params;

var<workgroup> queries: array<f32, TILE * DEPTH>;
var<workgroup> keys: array<f32, TILE * DEPTH>;
var<workgroup> weights: array<f32, TILE * TILE>;

// Row n of q: query head n mod G of those that share keys, at position n / G.
fn query_row(b: u32, head: u32, n: u32) -> u32 {
  let row = min(n, params.T * params.G - 1u);
  return (b * params.T + row / params.G) * params.H + head * params.G + row % params.G;
}

// Row of k and v for key c.
fn key_row(b: u32, head: u32, c: u32) -> u32 {
  return (b * params.S + min(c, params.S - 1u)) * (params.H / params.G) + head;
}

// Whether the query at a position sees key c. & and not &&: branches in unrolled loops cost a driver minutes to compile.
fn sees(position: u32, c: u32, first: u32, end: u32) -> bool {
  return (c >= first) & (c < end) & (c <= position) & (position - c < params.window);
}

@compute @workgroup_size(WIDE, TALL)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let p = params;
  let b = group.z;
  let n0 = group.x * TILE; // row n is query head n mod G of those that share keys, at position n / G
  let last_n = p.T * p.G - 1u;
  let first = spans[3u * b];
  let start = spans[3u * b + 1u];
  let end = min(spans[3u * b + 2u], p.S);
  let earliest = start + n0 / p.G + 1u;
  let from_key = max(first, earliest - min(earliest, p.window)); // of all rows
  let to_key = min(start + min(n0 + TILE - 1u, last_n) / p.G + 1u, end);

  var sums: array<array<f32, CHANNELS>, ROWS>;
  var tops: array<f32, ROWS>;
  var totals: array<f32, ROWS>; // over this invocation's keys
  /*unroll*/ for (var i = 0u; i < ROWS; i++) { tops[i] = LOWEST; }
  for (var c0 = from_key; c0 < to_key; c0 += TILE) {
    var scores = array<array<f32, KEYS>, ROWS>();
    for (var d0 = 0u; d0 < p.D; d0 += DEPTH) {
      workgroupBarrier();
      let d = d0 + local.x;
      /*unroll*/ for (var i = 0u; i < ROWS; i++) {
        let r = local.y + i * TALL;
        let at = min(d, p.D - 1u);
        queries[r * DEPTH + local.x] = select(0.0, q[query_row(b, group.y, n0 + r) * p.D + at], d < p.D);
        keys[r * DEPTH + local.x] = k[key_row(b, group.y, c0 + r) * p.D + at];
      }
      workgroupBarrier();
      for (var s = 0u; s < DEPTH; s++) {
        /*unroll*/ for (var i = 0u; i < ROWS; i++) {
          let a = queries[(local.y + i * TALL) * DEPTH + s];
          /*unroll*/ for (var j = 0u; j < KEYS; j++) { scores[i][j] += a * keys[(local.x + j * WIDE) * DEPTH + s]; }
        }
      }
    }
    /*unroll*/ for (var i = 0u; i < ROWS; i++) {
      let r = local.y + i * TALL;
      let position = start + min(n0 + r, last_n) / p.G;
      /*unroll*/ for (var j = 0u; j < KEYS; j++) {
        let c = local.x + j * WIDE;
        scores[i][j] = select(UNSEEN, p.scale * scores[i][j], sees(position, c0 + c, first, end));
        weights[r * TILE + c] = scores[i][j];
      }
    }
    workgroupBarrier();
    var higher: array<f32, ROWS>;
    /*unroll*/ for (var i = 0u; i < ROWS; i++) {
      higher[i] = tops[i];
      for (var c = 0u; c < TILE; c++) { higher[i] = max(higher[i], weights[(local.y + i * TALL) * TILE + c]); }
    }
    workgroupBarrier();
    /*unroll*/ for (var i = 0u; i < ROWS; i++) {
      let shrink = exp(tops[i] - higher[i]);
      tops[i] = higher[i];
      totals[i] *= shrink;
      /*unroll*/ for (var j = 0u; j < KEYS; j++) {
        let weight = exp(scores[i][j] - tops[i]);
        totals[i] += weight;
        weights[(local.y + i * TALL) * TILE + local.x + j * WIDE] = weight;
      }
      /*unroll*/ for (var m = 0u; m < CHANNELS; m++) { sums[i][m] *= shrink; }
    }
    workgroupBarrier();
    for (var c = 0u; c < TILE; c++) {
      let row = key_row(b, group.y, c0 + c) * p.D;
      /*unroll*/ for (var m = 0u; m < CHANNELS; m++) {
        let x = v[row + min(local.x + m * WIDE, p.D - 1u)];
        /*unroll*/ for (var i = 0u; i < ROWS; i++) { sums[i][m] += weights[(local.y + i * TALL) * TILE + c] * x; }
      }
    }
  }
  // Totals of the invocations of a row, in their order.
  workgroupBarrier();
  /*unroll*/ for (var i = 0u; i < ROWS; i++) { weights[(local.y + i * TALL) * TILE + local.x] = totals[i]; }
  workgroupBarrier();
  /*unroll*/ for (var i = 0u; i < ROWS; i++) {
    let r = local.y + i * TALL;
    var total = 0.0;
    for (var x = 0u; x < WIDE; x++) { total += weights[r * TILE + x]; }
    total = max(total, 1.0e-30); // a query without keys has no sum to divide by
    let row = query_row(b, group.y, n0 + r);
    if (n0 + r <= last_n) {
      if (local.x == 0u) { lse[row] = tops[i] + log(total); }
      /*unroll*/ for (var m = 0u; m < CHANNELS; m++) {
        let d = local.x + m * WIDE;
        if (d < p.D) { y[row * p.D + d] = sums[i][m] / total; }
      }
    }
  }
}
