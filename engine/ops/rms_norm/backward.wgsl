// y_c = x_c r (1 + w_c), r = (mean(x²) + eps)^-½.   dr/dx_c = -r³ x_c / C, hence with g_c = dy_c (1 + w_c):
//   dx_c = r g_c - r³ x_c (Σ_j g_j x_j) / C  (+ dx_c where ADD)          dw_c = Σ over rows of dy_c x_c r
// x, dy, dx [R, C], w [C], rstd [R], parts [P, C]: dw before its parts are summed in order.
// A subgroup goes over its rows one after another, reads x and dy once, and keeps its part of dw in registers, as far as
// HELD pieces of LANES loads reach (see forward.wgsl); what is beyond is read twice and its part of dw kept in memory.
const LANES = 8u;
const ROWS = 8u; // subgroups of a workgroup
const EACH = 16u; // rows of a subgroup, one part of dw
const HELD = 2u;
const SIZE = 2u;
const WIDTH = 4u;
alias elem = vec4f;
const REST = f32(WIDTH / 4u); // as in forward.wgsl
const ADD = false;

struct Params { rows: u32, columns: u32 }
@group(0) @binding(0) var<storage, read> x: array<elem>;
@group(0) @binding(1) var<storage, read> w: array<elem>;
@group(0) @binding(2) var<storage, read> dy: array<elem>;
@group(0) @binding(3) var<storage, read> rstd: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<elem>;
@group(0) @binding(5) var<storage, read_write> parts: array<elem>;
@group(0) @binding(6) var<uniform> params: Params;

@compute @workgroup_size(LANES * ROWS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let lane = local % LANES;
  let part = (group.y * groups.x + group.x) * ROWS + local / LANES;
  let first = part * EACH;
  let last = min(first + EACH, params.rows);
  if (first >= last) { return; }
  let columns = params.columns / WIDTH;
  let at = part * columns + lane;
  var weight: array<elem, SIZE>;
  var sums: array<elem, SIZE>;
  var heldX: array<elem, SIZE>;
  var heldDy: array<elem, SIZE>;
  /*unroll*/ for (var i = 0u; i < HELD; i++) {
    weight[i] = elem(1.0) + w[i * LANES + lane];
    sums[i] = elem();
  }
  for (var row = first; row < last; row++) {
    let start = row * columns + lane;
    var products = elem();
    /*unroll*/ for (var i = 0u; i < HELD; i++) {
      heldX[i] = x[start + i * LANES];
      heldDy[i] = dy[start + i * LANES];
      products += heldDy[i] * weight[i] * heldX[i];
    }
    for (var c = HELD * LANES; c + lane < columns; c += LANES) {
      products += dy[start + c] * (elem(1.0) + w[c + lane]) * x[start + c];
    }
    let along = subgroupAdd(dot(vec4f(products), vec4f(1.0, REST, REST, REST)));
    let r = rstd[row];
    let pull = r * r * r * along / f32(params.columns);
    /*unroll*/ for (var i = 0u; i < HELD; i++) {
      var value = r * heldDy[i] * weight[i] - pull * heldX[i];
      if (ADD) { value += dx[start + i * LANES]; }
      dx[start + i * LANES] = value;
      sums[i] += heldDy[i] * heldX[i] * r;
    }
    for (var c = HELD * LANES; c + lane < columns; c += LANES) {
      let a = x[start + c];
      let d = dy[start + c];
      var value = r * d * (elem(1.0) + w[c + lane]) - pull * a;
      if (ADD) { value += dx[start + c]; }
      dx[start + c] = value;
      var sum = d * a * r;
      if (row > first) { sum += parts[at + c]; }
      parts[at + c] = sum;
    }
  }
  /*unroll*/ for (var i = 0u; i < HELD; i++) { parts[at + i * LANES] = sums[i]; }
}
