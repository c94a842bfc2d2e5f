// Losses of a student's logits beside a teacher's, and their gradient in the place of the student's logits: one
// invocation a row, the version to check by eye. Formulas, names and panels as in pair_loss.wgsl; f and h of each KIND
// stand in terms.wgsl.
const KIND = 1u; // the order of KINDS in kinds.ts
alias elem = f32;

struct Params {
  rows: u32, columns: u32, panel: u32,
  alpha: f32, beta: f32, temperature: f32, skew: f32,
}
@group(0) @binding(0) var<storage, read_write> student: array<f32>; // logits, then their gradient
@group(0) @binding(1) var<storage, read> teacher: array<f32>; // not read where KIND is 0
@group(0) @binding(2) var<storage, read> targets: array<u32>;
@group(0) @binding(3) var<storage, read> weights: array<f32>; // 0 where the row is not scored
@group(0) @binding(4) var<storage, read_write> parts: array<f32>;
@group(0) @binding(5) var<uniform> params: Params;

fn place(row: u32, c: u32) -> u32 {
  let first = c / params.panel * params.panel;
  return first * params.rows + row * min(params.panel, params.columns - first) + c - first;
}
fn teacher_at(i: u32) -> f32 {
  if (KIND == 0u) { return 0.0; }
  return teacher[i];
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = (group.y * groups.x + group.x) * 64u + lane;
  if (row >= params.rows) { return; }
  let T = params.temperature;
  let w = weights[row];
  let y = select(0u, targets[row], w != 0.0);
  let z_y = student[place(row, y)];
  var max_z = z_y;
  var max_t = teacher_at(place(row, y));
  for (var c = 0u; c < params.columns; c++) {
    max_z = max(max_z, student[place(row, c)]);
    max_t = max(max_t, teacher_at(place(row, c)));
  }
  var sum_1 = 0.0;
  var sum_z = 0.0;
  var sum_t = 0.0;
  for (var c = 0u; c < params.columns; c++) {
    sum_1 += exp(student[place(row, c)] - max_z);
    sum_z += exp((student[place(row, c)] - max_z) / T);
    sum_t += exp((teacher_at(place(row, c)) - max_t) / T);
  }
  var sum_f = 0.0;
  var sum_h = 0.0;
  for (var c = 0u; c < params.columns; c++) {
    let log_p = (teacher_at(place(row, c)) - max_t) / T - log(sum_t);
    let now = term(log_p, (student[place(row, c)] - max_z) / T - log(sum_z));
    sum_f += now.f;
    sum_h += now.h;
  }
  var squares_ce = 0.0;
  var squares_kd = 0.0;
  for (var c = 0u; c < params.columns; c++) {
    let z = student[place(row, c)] - max_z;
    let log_q = z / T - log(sum_z);
    let now = term((teacher_at(place(row, c)) - max_t) / T - log(sum_t), log_q);
    let ce = w * (exp(z) / sum_1 - select(0.0, 1.0, c == y));
    let kd = w * T * (now.h - exp(log_q) * sum_h);
    student[place(row, c)] = params.alpha * ce + params.beta * kd;
    squares_ce += ce * ce;
    squares_kd += kd * kd;
  }
  parts[row * 4u] = w * (max_z + log(sum_1) - z_y);
  parts[row * 4u + 1u] = w * T * T * sum_f;
  parts[row * 4u + 2u] = squares_ce;
  parts[row * 4u + 3u] = squares_kd;
}
