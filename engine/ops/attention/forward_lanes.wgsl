// As forward_naive.wgsl, with subgroups and without workgroup memory: for CPUs, where registers are fast and loads are dear.
// A lane owns ROWS queries, whose q and y stay in registers. The lanes load a key together, a piece each, and subgroupBroadcast hands
// its elements to all: one load serves LANES * ROWS queries. KEYS keys at a time go through a running maximum and a running sum,
// rescaled when the maximum grows ("online softmax", Milakov and Gimelshein 2018). Keys that no row sees are not visited.
// Rows come from memory and go there PART columns at a time, at one end of the registers while the others move on: a driver that
// makes a loop over the lanes of each load and store takes a tenth of a second to compile a hundred of them.
const LANES = 8u;
const ROWS = 4u; // of one lane
const KEYS = 4u;
const COLUMNS = 8u; // D in elements
const PIECES = 1u; // elements of a key that one lane loads: COLUMNS / LANES, rounded up
const PART = 2u; // columns of a row that come from memory together, and go there: a divisor of COLUMNS
const WIDTH = 4u;
alias elem = vec4f;
const REST = f32(WIDTH / 4u); // 1 where elem is vec4f, 0 where it is f32: one sum serves both
const UNSEEN = -3.0e38;
const LOWEST = -1.0e38; // above UNSEEN, so that the weight of a key that is not seen is exp(UNSEEN - LOWEST) = 0

struct Params { B: u32, T: u32, S: u32, H: u32, G: u32, D: u32, window: u32, scale: f32 }
@group(0) @binding(0) var<storage, read> q: array<elem>;
@group(0) @binding(1) var<storage, read> k: array<elem>;
@group(0) @binding(2) var<storage, read> v: array<elem>;
@group(0) @binding(3) var<storage, read> spans: array<u32>;
@group(0) @binding(4) var<storage, read_write> y: array<elem>;
@group(0) @binding(5) var<storage, read_write> lse: array<f32>;
@group(0) @binding(6) var<uniform> params: Params;

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
  var sums: array<array<elem, COLUMNS>, ROWS>;
  var tops: array<f32, ROWS>;
  var totals: array<f32, ROWS>;
  var piece: array<elem, PIECES>;
  /*unroll*/ for (var i = 0u; i < ROWS; i++) {
    let n = min(n0 + i * LANES + lane, last_n);
    let next = start + n / p.G + 1u;
    rows[i] = (b * p.T + n / p.G) * p.H + group.y * p.G + n % p.G;
    low[i] = max(first, next - min(next, p.window));
    high[i] = min(next, end);
    tops[i] = LOWEST;
  }
  for (var column = 0u; column < p.D / WIDTH; column += PART) {
    /*unroll*/ for (var i = 0u; i < ROWS; i++) {
      /*unroll*/ for (var d = 0u; d < COLUMNS - PART; d++) { queries[i][d] = queries[i][d + PART]; }
      /*unroll*/ for (var d = 0u; d < PART; d++) {
        queries[i][COLUMNS - PART + d] = p.scale * q[rows[i] * COLUMNS + column + d];
      }
    }
  }
  for (var c = from_key; c < to_key; c += KEYS) {
    var weights: array<array<f32, ROWS>, KEYS>;
    /*unroll*/ for (var j = 0u; j < KEYS; j++) {
      let key = keys + min(c + j, p.S - 1u) * key_step;
      /*unroll*/ for (var m = 0u; m < PIECES; m++) { piece[m] = k[key + min(m * LANES + lane, COLUMNS - 1u)]; }
      var products = array<elem, ROWS>(); // said, as naga would not set it to zero again in each round
      /*unroll*/ for (var d = 0u; d < COLUMNS; d++) {
        let x = subgroupBroadcast(piece[d / LANES], d % LANES);
        /*unroll*/ for (var i = 0u; i < ROWS; i++) { products[i] = fma(queries[i][d], x, products[i]); }
      }
      /*unroll*/ for (var i = 0u; i < ROWS; i++) {
        let score = dot(vec4f(products[i]), vec4f(1.0, REST, REST, REST));
        weights[j][i] = select(UNSEEN, score, (c + j >= low[i]) & (c + j < high[i]));
      }
    }
    /*unroll*/ for (var i = 0u; i < ROWS; i++) {
      var top = tops[i];
      /*unroll*/ for (var j = 0u; j < KEYS; j++) { top = max(top, weights[j][i]); }
      let shrink = exp(tops[i] - top);
      tops[i] = top;
      totals[i] *= shrink;
      /*unroll*/ for (var j = 0u; j < KEYS; j++) {
        weights[j][i] = exp(weights[j][i] - top);
        totals[i] += weights[j][i];
      }
      /*unroll*/ for (var d = 0u; d < COLUMNS; d++) { sums[i][d] *= shrink; }
    }
    /*unroll*/ for (var j = 0u; j < KEYS; j++) {
      let key = keys + min(c + j, p.S - 1u) * key_step;
      /*unroll*/ for (var m = 0u; m < PIECES; m++) { piece[m] = v[key + min(m * LANES + lane, COLUMNS - 1u)]; }
      /*unroll*/ for (var d = 0u; d < COLUMNS; d++) {
        let x = subgroupBroadcast(piece[d / LANES], d % LANES);
        /*unroll*/ for (var i = 0u; i < ROWS; i++) { sums[i][d] = fma(elem(weights[j][i]), x, sums[i][d]); }
      }
    }
  }
  /*unroll*/ for (var i = 0u; i < ROWS; i++) {
    totals[i] = max(totals[i], 1.0e-30); // a query without keys has no sum to divide by
    if (n0 + i * LANES + lane <= last_n) { lse[rows[i]] = tops[i] + log(totals[i]); }
  }
  for (var column = 0u; column < p.D / WIDTH; column += PART) {
    /*unroll*/ for (var i = 0u; i < ROWS; i++) {
      if (n0 + i * LANES + lane <= last_n) {
        /*unroll*/ for (var d = 0u; d < PART; d++) { y[rows[i] * COLUMNS + column + d] = sums[i][d] / totals[i]; }
      }
      /*unroll*/ for (var d = 0u; d < COLUMNS - PART; d++) { sums[i][d] = sums[i][d + PART]; }
    }
  }
}
