// Losses of a student's logits beside a teacher's, and their gradient in the place of the student's logits, a subgroup a
// row.   z, t [N, V]
//   q = softmax(z / T), p = softmax(t / T);  total = w (alpha · ce + beta · T² · Σ_i f(p_i, q_i))
//   ∂ce/∂z_j = softmax(z)_j - [j = y];   with h_i = q_i ∂f/∂q_i (the chain rule through softmax):
//   ∂(Σ f)/∂z_j = (h_j - q_j Σ_i h_i) / T
// f and h of each KIND stand in terms.wgsl. The passes over a row:
//   1. maxima and sums of exponentials at once: what was summed below an older maximum shrinks when a higher one comes
//   2. Σ f and Σ h; not for forward_kl, where Σ h = -Σ p = -1 and f can wait for pass 3
//   3. the gradient
// parts [N, 4] = w · (ce, T² Σ f) and the squared norms of the gradients of these two, before alpha and beta.
// Logits stand in panels: columns [k panel, (k + 1) panel) of all rows, then the next ones; panel = V is row-major.
const LANES = 8u;
const ROWS = 8u; // subgroups, and so rows, of a workgroup
const WIDTH = 4u;
alias elem = vec4f;
alias index = vec4u;
const OFFSETS = vec4u(0u, 1u, 2u, 3u);
const KIND = 1u; // the order of KINDS in kinds.ts
const POWER = 0u; // T where exp(z) is a power of exp(z / T) that costs less: 1 or 2, else 0
const AT_ONCE = 4u; // elements that a lane loads before it looks for a new maximum
const REST = f32(WIDTH / 4u); // 1 where elem is vec4f, 0 where it is f32: one sum serves both
const LOWEST = -1.0e30;

struct Params {
  rows: u32, columns: u32, panel: u32,
  alpha: f32, beta: f32, temperature: f32, skew: f32,
}
@group(0) @binding(0) var<storage, read_write> student: array<elem>; // logits, then their gradient
@group(0) @binding(1) var<storage, read> teacher: array<elem>; // not read where KIND is 0
@group(0) @binding(2) var<storage, read> targets: array<u32>;
@group(0) @binding(3) var<storage, read> weights: array<f32>; // 0 where the row is not scored
@group(0) @binding(4) var<storage, read_write> parts: array<f32>;
@group(0) @binding(5) var<uniform> params: Params;

fn total(x: elem) -> f32 { return subgroupAdd(dot(vec4f(x), vec4f(1.0, REST, REST, REST))); }
fn top(x: elem) -> f32 {
  let v = vec4f(x);
  return subgroupMax(max(max(v.x, v.y), max(v.z, v.w)));
}

/** exp(z), where exp(z / T) is known. */
fn at_one(cooled: elem, z: elem) -> elem {
  if (POWER == 1u) { return cooled; }
  if (POWER == 2u) { return cooled * cooled; }
  return exp(z);
}

@compute @workgroup_size(LANES * ROWS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let lane = local % LANES;
  let row = (group.y * groups.x + group.x) * ROWS + local / LANES;
  if (row >= params.rows) { return; }
  let columns = params.columns / WIDTH;
  let panel = params.panel / WIDTH;
  let w = weights[row];
  if (w == 0.0) {
    for (var first = 0u; first < columns; first += panel) {
      let count = min(panel, columns - first);
      let start = first * params.rows + row * count;
      for (var c = lane; c < count; c += LANES) { student[start + c] = elem(); }
    }
    if (lane < 4u) { parts[row * 4u + lane] = 0.0; }
    return;
  }
  let cool = elem(1.0 / params.temperature);
  var high_z = elem(LOWEST);
  var high_t = elem(LOWEST);
  var sum_1 = elem();
  var sum_z = elem();
  var sum_t = elem();
  for (var first = 0u; first < columns; first += panel) {
    let count = min(panel, columns - first);
    let start = first * params.rows + row * count;
    for (var c = lane; c < count; c += LANES * AT_ONCE) {
      var z: array<elem, AT_ONCE>;
      var t: array<elem, AT_ONCE>;
      var now_z = high_z;
      var now_t = high_t;
      /*unroll*/ for (var j = 0u; j < AT_ONCE; j++) {
        let inside = c + j * LANES < count;
        let at = start + min(c + j * LANES, count - 1u);
        z[j] = select(elem(LOWEST), student[at], inside);
        now_z = max(now_z, z[j]);
        if (KIND != 0u) {
          t[j] = select(elem(LOWEST), teacher[at], inside);
          now_t = max(now_t, t[j]);
        }
      }
      let shrink = exp((high_z - now_z) * cool);
      sum_z *= shrink;
      sum_1 *= at_one(shrink, high_z - now_z);
      high_z = now_z;
      /*unroll*/ for (var j = 0u; j < AT_ONCE; j++) {
        let cooled = exp((z[j] - high_z) * cool);
        sum_z += cooled;
        sum_1 += at_one(cooled, z[j] - high_z);
      }
      if (KIND != 0u) {
        sum_t *= exp((high_t - now_t) * cool);
        high_t = now_t;
        /*unroll*/ for (var j = 0u; j < AT_ONCE; j++) { sum_t += exp((t[j] - high_t) * cool); }
      }
    }
  }
  let max_z = elem(top(high_z));
  let max_t = elem(top(high_t));
  let shrink = exp((high_z - max_z) * cool);
  let lse_1 = log(total(sum_1 * at_one(shrink, high_z - max_z)));
  let lse_z = elem(log(total(sum_z * shrink)));
  let lse_t = elem(log(total(sum_t * exp((high_t - max_t) * cool))));
  var sum_f = elem();
  var sum_h = elem();
  if (KIND > 1u) {
    for (var first = 0u; first < columns; first += panel) {
      let count = min(panel, columns - first);
      let start = first * params.rows + row * count;
      for (var c = lane; c < count; c += LANES) {
        let z = student[start + c];
        let now = term((teacher[start + c] - max_t) * cool - lse_t, (z - max_z) * cool - lse_z);
        sum_f += now.f;
        sum_h += now.h;
      }
    }
  }
  var along = elem(total(sum_h));
  if (KIND == 1u) { along = elem(-1.0); }
  let y = targets[row];
  let alpha = elem(params.alpha);
  let beta = elem(params.beta);
  let kd_weight = elem(w * params.temperature); // T² / T
  let to_one = elem(exp(f32(POWER) * vec4f(lse_z).x - lse_1)); // softmax(z) where q is raised to POWER
  var norm_ce = elem();
  var norm_kd = elem();
  var z_y = elem();
  for (var first = 0u; first < columns; first += panel) {
    let count = min(panel, columns - first);
    let start = first * params.rows + row * count;
    for (var c = lane; c < count; c += LANES) {
      let z = student[start + c] - max_z;
      let hit = select(elem(), elem(1.0), index((first + c) * WIDTH) + OFFSETS == index(y));
      let log_q = z * cool - lse_z;
      let q = exp(log_q);
      var s = at_one(q, z - elem(lse_1));
      if (POWER != 0u) { s *= to_one; }
      let ce = elem(w) * (s - hit);
      z_y += hit * z;
      var kd = elem();
      if (KIND != 0u) {
        let now = term((teacher[start + c] - max_t) * cool - lse_t, log_q);
        if (KIND == 1u) { sum_f += now.f; }
        kd = kd_weight * (now.h - q * along);
      }
      student[start + c] = alpha * ce + beta * kd;
      norm_ce += ce * ce;
      norm_kd += kd * kd;
    }
  }
  let divergence = params.temperature * params.temperature * total(sum_f);
  let logit = total(z_y);
  let squares_ce = total(norm_ce);
  let squares_kd = total(norm_kd);
  if (lane == 0u) {
    parts[row * 4u] = w * (lse_1 - logit);
    parts[row * 4u + 1u] = w * divergence;
    parts[row * 4u + 2u] = squares_ce;
    parts[row * 4u + 3u] = squares_kd;
  }
}
