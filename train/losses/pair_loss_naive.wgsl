// Losses of a student's logits beside a teacher's, with their gradient: one invocation a row, the version to check by
// eye. Formulas and names as in pair_loss.wgsl; f and h of each KIND stand in terms.wgsl.
const KIND = 1u; // the order of KINDS in kinds.ts
alias elem = f32;

struct Params { rows: u32, columns: u32, alpha: f32, beta: f32, temperature: f32, skew: f32 }
@group(0) @binding(0) var<storage, read> student: array<f32>;
@group(0) @binding(1) var<storage, read> teacher: array<f32>;
@group(0) @binding(2) var<storage, read> targets: array<u32>;
@group(0) @binding(3) var<storage, read> weights: array<f32>; // 0 where the row is not scored
@group(0) @binding(4) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(5) var<storage, read_write> parts: array<f32>;
@group(0) @binding(6) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = (group.y * groups.x + group.x) * 64u + lane;
  if (row >= params.rows) { return; }
  let start = row * params.columns;
  let T = params.temperature;
  let w = weights[row];
  let y = select(0u, targets[row], w != 0.0);
  var max_z = student[start];
  var max_t = teacher[start];
  for (var c = 0u; c < params.columns; c++) {
    max_z = max(max_z, student[start + c]);
    max_t = max(max_t, teacher[start + c]);
  }
  var sum_1 = 0.0;
  var sum_z = 0.0;
  var sum_t = 0.0;
  for (var c = 0u; c < params.columns; c++) {
    sum_1 += exp(student[start + c] - max_z);
    sum_z += exp((student[start + c] - max_z) / T);
    sum_t += exp((teacher[start + c] - max_t) / T);
  }
  var sum_f = 0.0;
  var sum_h = 0.0;
  for (var c = 0u; c < params.columns; c++) {
    let now = term((teacher[start + c] - max_t) / T - log(sum_t), (student[start + c] - max_z) / T - log(sum_z));
    sum_f += now.f;
    sum_h += now.h;
  }
  var squares_ce = 0.0;
  var squares_kd = 0.0;
  for (var c = 0u; c < params.columns; c++) {
    let z = student[start + c] - max_z;
    let log_q = z / T - log(sum_z);
    let now = term((teacher[start + c] - max_t) / T - log(sum_t), log_q);
    let ce = w * (exp(z) / sum_1 - select(0.0, 1.0, c == y));
    let kd = w * T * (now.h - exp(log_q) * sum_h);
    gradient[start + c] = params.alpha * ce + params.beta * kd;
    squares_ce += ce * ce;
    squares_kd += kd * kd;
  }
  parts[row * 4u] = w * (max_z + log(sum_1) - student[start + y]);
  parts[row * 4u + 1u] = w * T * T * sum_f;
  parts[row * 4u + 2u] = squares_ce;
  parts[row * 4u + 3u] = squares_kd;
}
