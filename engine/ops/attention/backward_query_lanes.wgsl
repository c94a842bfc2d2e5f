// As backward_query_naive.wgsl, with subgroups: a lane owns ROWS queries, as in forward_lanes.wgsl.
const LANES = 8u;
const ROWS = 4u; // of one lane
const COLUMNS = 8u; // D in elements
const PIECES = 1u; // elements of a key that one lane loads: COLUMNS / LANES, rounded up
const PART = 2u; // columns of a row that come from memory together, and go there: a divisor of COLUMNS
const WIDTH = 4u;
alias elem = vec4f;
const REST = f32(WIDTH / 4u); // 1 where elem is vec4f, 0 where it is f32: one sum serves both

struct Params { B: u32, T: u32, S: u32, H: u32, G: u32, D: u32, window: u32, scale: f32 }
@group(0) @binding(0) var<storage, read> q: array<elem>;
@group(0) @binding(1) var<storage, read> k: array<elem>;
@group(0) @binding(2) var<storage, read> v: array<elem>;
@group(0) @binding(3) var<storage, read> spans: array<u32>;
@group(0) @binding(4) var<storage, read> dy: array<elem>;
@group(0) @binding(5) var<storage, read> stats: array<vec2f>;
@group(0) @binding(6) var<storage, read_write> dq: array<elem>;
@group(0) @binding(7) var<uniform> params: Params;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let p = params;
  let b = group.z;
  let n0 = group.x * ROWS * LANES; // row n is query head n mod G of those that share keys, at position n / G
  let last_n = p.T * p.G - 1u;
  let first = spans[3u * b];
  let start = spans[3u * b + 1u];
  let end = min(spans[3u * b + 2u], p.S);
  let earliest = start + n0 / p.G + 1u;
  let from_key = max(first, earliest - min(earliest, p.window)); // of all rows
  let to_key = min(start + min(n0 + ROWS * LANES - 1u, last_n) / p.G + 1u, end);

  let key_step = p.H / p.G * COLUMNS;
  let keys = (b * p.S * (p.H / p.G) + group.y) * COLUMNS; // where that of position 0 begins
  var rows: array<u32, ROWS>;
  var low: array<u32, ROWS>;
  var high: array<u32, ROWS>;
  var queries: array<array<elem, COLUMNS>, ROWS>;
  var upstream: array<array<elem, COLUMNS>, ROWS>;
  var sums: array<array<elem, COLUMNS>, ROWS>;
  var known: array<vec2f, ROWS>;
  var k_piece: array<elem, PIECES>;
  var v_piece: array<elem, PIECES>;
  /*unroll*/ for (var i = 0u; i < ROWS; i++) {
    let n = min(n0 + i * LANES + lane, last_n);
    let next = start + n / p.G + 1u;
    rows[i] = (b * p.T + n / p.G) * p.H + group.y * p.G + n % p.G;
    low[i] = max(first, next - min(next, p.window));
    high[i] = min(next, end);
    known[i] = stats[rows[i]];
  }
  for (var column = 0u; column < p.D / WIDTH; column += PART) { // see forward_lanes.wgsl
    /*unroll*/ for (var i = 0u; i < ROWS; i++) {
      /*unroll*/ for (var d = 0u; d < COLUMNS - PART; d++) {
        queries[i][d] = queries[i][d + PART];
        upstream[i][d] = upstream[i][d + PART];
      }
      /*unroll*/ for (var d = 0u; d < PART; d++) {
        queries[i][COLUMNS - PART + d] = p.scale * q[rows[i] * COLUMNS + column + d];
        upstream[i][COLUMNS - PART + d] = dy[rows[i] * COLUMNS + column + d];
      }
    }
  }
  for (var c = from_key; c < to_key; c++) {
    /*unroll*/ for (var m = 0u; m < PIECES; m++) {
      let at = keys + c * key_step + min(m * LANES + lane, COLUMNS - 1u);
      k_piece[m] = k[at];
      v_piece[m] = v[at];
    }
    var s = array<elem, ROWS>();
    var dp = array<elem, ROWS>();
    /*unroll*/ for (var d = 0u; d < COLUMNS; d++) {
      let k_d = subgroupBroadcast(k_piece[d / LANES], d % LANES);
      let v_d = subgroupBroadcast(v_piece[d / LANES], d % LANES);
      /*unroll*/ for (var i = 0u; i < ROWS; i++) {
        s[i] = fma(queries[i][d], k_d, s[i]);
        dp[i] = fma(upstream[i][d], v_d, dp[i]);
      }
    }
    var ds: array<elem, ROWS>;
    /*unroll*/ for (var i = 0u; i < ROWS; i++) {
      let weight = exp(dot(vec4f(s[i]), vec4f(1.0, REST, REST, REST)) - known[i].x);
      let change = weight * (dot(vec4f(dp[i]), vec4f(1.0, REST, REST, REST)) - known[i].y);
      ds[i] = elem(select(0.0, change, (c >= low[i]) & (c < high[i])));
    }
    /*unroll*/ for (var d = 0u; d < COLUMNS; d++) {
      let k_d = subgroupBroadcast(k_piece[d / LANES], d % LANES);
      /*unroll*/ for (var i = 0u; i < ROWS; i++) { sums[i][d] = fma(ds[i], k_d, sums[i][d]); }
    }
  }
  for (var column = 0u; column < p.D / WIDTH; column += PART) {
    /*unroll*/ for (var i = 0u; i < ROWS; i++) {
      if (n0 + i * LANES + lane <= last_n) {
        /*unroll*/ for (var d = 0u; d < PART; d++) { dq[rows[i] * COLUMNS + column + d] = p.scale * sums[i][d]; }
      }
      /*unroll*/ for (var d = 0u; d < COLUMNS - PART; d++) { sums[i][d] = sums[i][d + PART]; }
    }
  }
}
