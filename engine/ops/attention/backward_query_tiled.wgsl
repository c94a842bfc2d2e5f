// As backward_query_naive.wgsl, by tiles in workgroup memory: TILE queries a workgroup, TILE keys at a time; see forward_tiled.wgsl.
const WIDE = 16u; // invocations of a workgroup, and each one's rows and columns of a tile
const TALL = 8u;
const ROWS = 4u;
const KEYS = 2u;
const TILE = 32u; // TALL * ROWS = WIDE * KEYS
const DEPTH = 16u;
const CHANNELS = 2u; // D / WIDE, rounded up

struct Params { B: u32, T: u32, S: u32, H: u32, G: u32, D: u32, window: u32, scale: f32 }
@group(0) @binding(0) var<storage, read> q: array<f32>;
@group(0) @binding(1) var<storage, read> k: array<f32>;
@group(0) @binding(2) var<storage, read> v: array<f32>;
@group(0) @binding(3) var<storage, read> spans: array<u32>;
@group(0) @binding(4) var<storage, read> dy: array<f32>;
@group(0) @binding(5) var<storage, read> stats: array<vec2f>;
@group(0) @binding(6) var<storage, read_write> dq: array<f32>;
@group(0) @binding(7) var<uniform> params: Params;

var<workgroup> queries: array<f32, TILE * DEPTH>;
var<workgroup> upstream: array<f32, TILE * DEPTH>;
var<workgroup> keys: array<f32, TILE * DEPTH>;
var<workgroup> values: array<f32, TILE * DEPTH>;
var<workgroup> changes: array<f32, TILE * TILE>; // ds

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
  for (var c0 = from_key; c0 < to_key; c0 += TILE) {
    var s = array<array<f32, KEYS>, ROWS>();
    var dp = array<array<f32, KEYS>, ROWS>();
    for (var d0 = 0u; d0 < p.D; d0 += DEPTH) {
      workgroupBarrier();
      let d = d0 + local.x;
      /*unroll*/ for (var i = 0u; i < ROWS; i++) {
        let r = local.y + i * TALL;
        let query = query_row(b, group.y, n0 + r) * p.D + min(d, p.D - 1u);
        let key = key_row(b, group.y, c0 + r) * p.D + min(d, p.D - 1u);
        queries[r * DEPTH + local.x] = select(0.0, q[query], d < p.D);
        upstream[r * DEPTH + local.x] = select(0.0, dy[query], d < p.D);
        keys[r * DEPTH + local.x] = k[key];
        values[r * DEPTH + local.x] = v[key];
      }
      workgroupBarrier();
      for (var u = 0u; u < DEPTH; u++) {
        /*unroll*/ for (var i = 0u; i < ROWS; i++) {
          let row = (local.y + i * TALL) * DEPTH + u;
          /*unroll*/ for (var j = 0u; j < KEYS; j++) {
            let column = (local.x + j * WIDE) * DEPTH + u;
            s[i][j] += queries[row] * keys[column];
            dp[i][j] += upstream[row] * values[column];
          }
        }
      }
    }
    /*unroll*/ for (var i = 0u; i < ROWS; i++) {
      let r = local.y + i * TALL;
      let known = stats[query_row(b, group.y, n0 + r)];
      let position = start + min(n0 + r, last_n) / p.G;
      /*unroll*/ for (var j = 0u; j < KEYS; j++) {
        let c = local.x + j * WIDE;
        let ds = exp(p.scale * s[i][j] - known.x) * (dp[i][j] - known.y);
        changes[r * TILE + c] = select(0.0, ds, sees(position, c0 + c, first, end));
      }
    }
    workgroupBarrier();
    for (var c = 0u; c < TILE; c++) {
      let row = key_row(b, group.y, c0 + c) * p.D;
      /*unroll*/ for (var m = 0u; m < CHANNELS; m++) {
        let x = k[row + min(local.x + m * WIDE, p.D - 1u)];
        /*unroll*/ for (var i = 0u; i < ROWS; i++) { sums[i][m] += changes[(local.y + i * TALL) * TILE + c] * x; }
      }
    }
  }
  /*unroll*/ for (var i = 0u; i < ROWS; i++) {
    let r = local.y + i * TALL;
    let row = query_row(b, group.y, n0 + r) * p.D;
    /*unroll*/ for (var m = 0u; m < CHANNELS; m++) {
      let d = local.x + m * WIDE;
      if (n0 + r <= last_n && d < p.D) { dq[row + d] = p.scale * sums[i][m]; }
    }
  }
}
