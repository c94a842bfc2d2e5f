// y_t = Σ_c p_tc v_c with p_tc = exp(s_tc - lse_t), s_tc = scale q_t · k_c, lse_t = log Σ_j exp(s_tj), over the keys that query t sees:
//   those in [low, high), position = first query + t, low = max(first key, position + 1 - window), high = min(position + 1, end of keys)
// One invocation a query of one head; a query that sees no key gives zeros.
// q, y [B, T, H, D], k, v [B, S, H / G, D]: G query heads share one of k and v; lse [B, T, H];
// spans [B, 3] = (first key, first query, end of keys): left padding, length of the cache when generating, right padding.
struct Params { B: u32, T: u32, S: u32, H: u32, G: u32, D: u32, window: u32, scale: f32 }
@group(0) @binding(0) var<storage, read> q: array<f32>;
@group(0) @binding(1) var<storage, read> k: array<f32>;
@group(0) @binding(2) var<storage, read> v: array<f32>;
@group(0) @binding(3) var<storage, read> spans: array<u32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;
@group(0) @binding(5) var<storage, read_write> lse: array<f32>;
@group(0) @binding(6) var<uniform> params: Params;

fn score(query: u32, key: u32) -> f32 {
  var sum = 0.0;
  for (var d = 0u; d < params.D; d++) { sum += q[query + d] * k[key + d]; }
  return params.scale * sum;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let p = params;
  let row = (group.y * groups.x + group.x) * 64u + lane; // (b, t, h)
  if (row >= p.B * p.T * p.H) { return; }
  let b = row / p.H / p.T;
  let position = spans[3u * b + 1u] + row / p.H % p.T;
  let high = min(min(position + 1u, spans[3u * b + 2u]), p.S);
  let low = max(spans[3u * b], position + 1u - min(position + 1u, p.window));

  let query = row * p.D;
  let key_step = p.H / p.G * p.D;
  let key = b * p.S * key_step + row % p.H / p.G * p.D; // of position 0
  for (var d = 0u; d < p.D; d++) { y[query + d] = 0.0; }
  lse[row] = 0.0;
  if (low >= high) { return; }
  var highest = score(query, key + low * key_step);
  for (var c = low + 1u; c < high; c++) { highest = max(highest, score(query, key + c * key_step)); }
  var total = 0.0;
  for (var c = low; c < high; c++) { total += exp(score(query, key + c * key_step) - highest); }
  lse[row] = highest + log(total);
  for (var c = low; c < high; c++) {
    let weight = exp(score(query, key + c * key_step) - highest) / total;
    for (var d = 0u; d < p.D; d++) { y[query + d] += weight * v[key + c * key_step + d]; }
  }
}
