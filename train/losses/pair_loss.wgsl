// Losses of a student's logits beside a teacher's, with their gradient, a subgroup a row.   z, t, dz [N, V]
//   q = softmax(z / T), p = softmax(t / T);  total = w (alpha · ce + beta · T² · Σ_i f(p_i, q_i))
//   ∂ce/∂z_j = softmax(z)_j - [j = y];   with h_i = q_i ∂f/∂q_i (the chain rule through softmax):
//   ∂(Σ f)/∂z_j = (h_j - q_j Σ_i h_i) / T
// f and h of each KIND stand in terms.wgsl.
// parts [N, 4] = w · (ce, T² Σ f) and the squared norms of the gradients of these two, before alpha and beta.
const LANES = 8u;
const ROWS = 8u; // subgroups, and so rows, of a workgroup
const WIDTH = 4u;
alias elem = vec4f;
alias index = vec4u;
const OFFSETS = vec4u(0u, 1u, 2u, 3u);
const KIND = 1u; // the order of KINDS in kinds.ts
const REST = f32(WIDTH / 4u); // 1 where elem is vec4f, 0 where it is f32: one sum serves both
const LOWEST = -3.0e38;

struct Params { rows: u32, columns: u32, alpha: f32, beta: f32, temperature: f32, skew: f32 }
@group(0) @binding(0) var<storage, read> student: array<elem>;
@group(0) @binding(1) var<storage, read> teacher: array<elem>;
@group(0) @binding(2) var<storage, read> targets: array<u32>;
@group(0) @binding(3) var<storage, read> weights: array<f32>; // 0 where the row is not scored
@group(0) @binding(4) var<storage, read_write> gradient: array<elem>;
@group(0) @binding(5) var<storage, read_write> parts: array<f32>;
@group(0) @binding(6) var<uniform> params: Params;

fn total(x: elem) -> f32 { return subgroupAdd(dot(vec4f(x), vec4f(1.0, REST, REST, REST))); }
fn top(x: elem) -> f32 {
  let v = vec4f(x);
  return subgroupMax(max(max(v.x, v.y), max(v.z, v.w)));
}

@compute @workgroup_size(LANES * ROWS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let lane = local % LANES;
  let row = (group.y * groups.x + group.x) * ROWS + local / LANES;
  if (row >= params.rows) { return; }
  let columns = params.columns / WIDTH;
  let start = row * columns;
  let w = weights[row];
  if (w == 0.0) {
    for (var c = lane; c < columns; c += LANES) { gradient[start + c] = elem(); }
    if (lane < 4u) { parts[row * 4u + lane] = 0.0; }
    return;
  }
  // Maxima, then the three sums of exponentials.
  var high_z = elem(LOWEST);
  var high_t = elem(LOWEST);
  for (var c = lane; c < columns; c += LANES) {
    high_z = max(high_z, student[start + c]);
    high_t = max(high_t, teacher[start + c]);
  }
  let max_z = elem(top(high_z));
  let max_t = elem(top(high_t));
  let cool = elem(1.0 / params.temperature);
  var sum_1 = elem();
  var sum_z = elem();
  var sum_t = elem();
  for (var c = lane; c < columns; c += LANES) {
    let z = student[start + c] - max_z;
    sum_1 += exp(z);
    sum_z += exp(z * cool);
    sum_t += exp((teacher[start + c] - max_t) * cool);
  }
  let lse_1 = elem(log(total(sum_1)));
  let lse_z = elem(log(total(sum_z)));
  let lse_t = elem(log(total(sum_t)));
  // The divergence, and Σ h for its gradient.
  var sum_f = elem();
  var sum_h = elem();
  if (KIND != 0u) {
    for (var c = lane; c < columns; c += LANES) {
      let now = term((teacher[start + c] - max_t) * cool - lse_t, (student[start + c] - max_z) * cool - lse_z);
      sum_f += now.f;
      sum_h += now.h;
    }
  }
  let divergence = params.temperature * params.temperature * total(sum_f);
  let along = elem(total(sum_h));
  // The gradient.
  let y = targets[row];
  let alpha = elem(params.alpha);
  let beta = elem(params.beta);
  let kd_weight = elem(w * params.temperature); // T² / T
  var norm_ce = elem();
  var norm_kd = elem();
  for (var c = lane; c < columns; c += LANES) {
    let z = student[start + c] - max_z;
    let hit = select(elem(), elem(1.0), index(c * WIDTH) + OFFSETS == index(y));
    let ce = elem(w) * (exp(z - lse_1) - hit);
    var kd = elem();
    if (KIND != 0u) {
      let log_q = z * cool - lse_z;
      let now = term((teacher[start + c] - max_t) * cool - lse_t, log_q);
      kd = kd_weight * (now.h - exp(log_q) * along);
    }
    gradient[start + c] = alpha * ce + beta * kd;
    norm_ce += ce * ce;
    norm_kd += kd * kd;
  }
  let squares_ce = total(norm_ce);
  let squares_kd = total(norm_kd);
  if (lane == 0u) {
    let z_y = vec4f(student[start + y / WIDTH])[y % WIDTH] - vec4f(max_z).x;
    parts[row * 4u] = w * (vec4f(lse_1).x - z_y);
    parts[row * 4u + 1u] = w * divergence;
    parts[row * 4u + 2u] = squares_ce;
    parts[row * 4u + 3u] = squares_kd;
  }
}
