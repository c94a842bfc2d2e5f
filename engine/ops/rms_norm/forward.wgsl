// y = residual + x · rstd · (1 + w), rstd = 1 / √(mean(x²) + eps); residual only where RESIDUAL.
// x, residual, y [R, C], w [C], rstd [R]
// A subgroup goes over its rows one after another. A row is loaded once: its first HELD pieces of LANES loads stay in
// registers between the sum of squares and the result, as does w between rows. What is beyond is read again.
const LANES = 8u;
const ROWS = 8u; // subgroups of a workgroup
const EACH = 8u; // rows of a subgroup
const HELD = 2u;
const SIZE = 2u; // of arrays: at least one, even where HELD is 0
const WIDTH = 4u;
alias elem = vec4f;
const REST = f32(WIDTH / 4u); // 1 where elem is vec4f, 0 where it is f32: one sum serves both
const RESIDUAL = false;

struct Params { rows: u32, columns: u32, eps: f32 }
@group(0) @binding(0) var<storage, read> x: array<elem>;
@group(0) @binding(1) var<storage, read> w: array<elem>;
@group(0) @binding(2) var<storage, read> residual: array<elem>; // x again where not RESIDUAL
@group(0) @binding(3) var<storage, read_write> y: array<elem>;
@group(0) @binding(4) var<storage, read_write> rstd: array<f32>;
@group(0) @binding(5) var<uniform> params: Params;

@compute @workgroup_size(LANES * ROWS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let lane = local % LANES;
  let first = ((group.y * groups.x + group.x) * ROWS + local / LANES) * EACH;
  let last = min(first + EACH, params.rows);
  let columns = params.columns / WIDTH;
  var weight: array<elem, SIZE>;
  var held: array<elem, SIZE>;
  /*unroll*/ for (var i = 0u; i < HELD; i++) { weight[i] = elem(1.0) + w[i * LANES + lane]; }
  for (var row = first; row < last; row++) {
    let start = row * columns + lane;
    var squares = elem();
    /*unroll*/ for (var i = 0u; i < HELD; i++) {
      held[i] = x[start + i * LANES];
      squares += held[i] * held[i];
    }
    for (var c = HELD * LANES; c + lane < columns; c += LANES) { squares += x[start + c] * x[start + c]; }
    let mean = subgroupAdd(dot(vec4f(squares), vec4f(1.0, REST, REST, REST))) / f32(params.columns);
    let r = inverseSqrt(mean + params.eps);
    /*unroll*/ for (var i = 0u; i < HELD; i++) {
      var value = held[i] * r * weight[i];
      if (RESIDUAL) { value += residual[start + i * LANES]; }
      y[start + i * LANES] = value;
    }
    for (var c = HELD * LANES; c + lane < columns; c += LANES) {
      var value = x[start + c] * r * (elem(1.0) + w[c + lane]);
      if (RESIDUAL) { value += residual[start + c]; }
      y[start + c] = value;
    }
    if (lane == 0u) { rstd[row] = r; }
  }
}
