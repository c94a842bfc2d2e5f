// As backward_key_naive.wgsl, with subgroups: a lane owns a key, whose k, v, dk and dv stay in registers, and the lanes load queries
// together, a piece each, as in forward_lanes.wgsl. Positions that see none of the lanes' keys are not visited.
const LANES = 8u;
const COLUMNS = 8u; // D in elements
const PIECES = 1u; // elements of a query that one lane loads: COLUMNS / LANES, rounded up
const PART = 2u; // columns of a key that come from memory together, and go there: a divisor of COLUMNS
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
@group(0) @binding(6) var<storage, read_write> dk: array<elem>;
@group(0) @binding(7) var<storage, read_write> dv: array<elem>;
@group(0) @binding(8) var<uniform> params: Params;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let p = params;
  let b = group.z;
  let c0 = group.x * LANES;
  let c = min(c0 + lane, p.S - 1u);
  let first = spans[3u * b];
  let start = spans[3u * b + 1u];
  let end = min(spans[3u * b + 2u], p.S);
  // Position start + t sees key c where c <= start + t < c + window.
  let after = min(c0 + LANES, end); // the last key is before it
  let some = after > max(c0, first);
  let from_t = max(c0, start) - start;
  let to_t = select(0u, min(p.T, max(after - u32(some) + min(p.window, p.T + p.S), start) - start), some);

  let key = ((b * p.S + c) * (p.H / p.G) + group.y) * COLUMNS;
  var keys: array<elem, COLUMNS>;
  var values: array<elem, COLUMNS>;
  var key_sums: array<elem, COLUMNS>;
  var value_sums: array<elem, COLUMNS>;
  for (var column = 0u; column < p.D / WIDTH; column += PART) { // see forward_lanes.wgsl
    /*unroll*/ for (var d = 0u; d < COLUMNS - PART; d++) {
      keys[d] = keys[d + PART];
      values[d] = values[d + PART];
    }
    /*unroll*/ for (var d = 0u; d < PART; d++) {
      keys[COLUMNS - PART + d] = p.scale * k[key + column + d];
      values[COLUMNS - PART + d] = v[key + column + d];
    }
  }
  var q_piece: array<elem, PIECES>;
  var dy_piece: array<elem, PIECES>;
  for (var t = from_t; t < to_t; t++) {
    let seen = (c >= first) & (c < end) & (c <= start + t) & (start + t - c < p.window);
    let row = (b * p.T + t) * p.H + group.y * p.G;
    for (var g = 0u; g < p.G; g++) {
      /*unroll*/ for (var m = 0u; m < PIECES; m++) {
        let at = (row + g) * COLUMNS + min(m * LANES + lane, COLUMNS - 1u);
        q_piece[m] = q[at];
        dy_piece[m] = dy[at];
      }
      let known = stats[row + g];
      var s = elem();
      var dp = elem();
      /*unroll*/ for (var d = 0u; d < COLUMNS; d++) {
        s = fma(keys[d], subgroupBroadcast(q_piece[d / LANES], d % LANES), s);
        dp = fma(values[d], subgroupBroadcast(dy_piece[d / LANES], d % LANES), dp);
      }
      let weight = select(0.0, exp(dot(vec4f(s), vec4f(1.0, REST, REST, REST)) - known.x), seen);
      let ds = elem(weight * (dot(vec4f(dp), vec4f(1.0, REST, REST, REST)) - known.y));
      /*unroll*/ for (var d = 0u; d < COLUMNS; d++) {
        value_sums[d] = fma(elem(weight), subgroupBroadcast(dy_piece[d / LANES], d % LANES), value_sums[d]);
        key_sums[d] = fma(ds, subgroupBroadcast(q_piece[d / LANES], d % LANES), key_sums[d]);
      }
    }
  }
  if (c0 + lane >= p.S) { return; }
  for (var column = 0u; column < p.D / WIDTH; column += PART) {
    /*unroll*/ for (var d = 0u; d < PART; d++) {
      dk[key + column + d] = p.scale * key_sums[d];
      dv[key + column + d] = value_sums[d];
    }
    /*unroll*/ for (var d = 0u; d < COLUMNS - PART; d++) {
      key_sums[d] = key_sums[d + PART];
      value_sums[d] = value_sums[d + PART];
    }
  }
}
