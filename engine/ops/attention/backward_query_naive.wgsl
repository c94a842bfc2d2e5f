// dq of y_t = Σ_c p_tc v_c (forward_naive.wgsl). With dp_tc = dy_t · v_c and delta_t = Σ_j p_tj dp_tj, softmax gives
//   ds_tc = p_tc (dp_tc - delta_t), and s_tc = scale q_t · k_c gives dq_t = scale Σ_c ds_tc k_c.
// p_tc = exp(s_tc - lse_t) is computed again. One invocation a query of one head.
// q, dy, dq [B, T, H, D], k, v [B, S, H / G, D], stats [B, T, H] = (lse, delta), spans as in forward_naive.wgsl
struct Params { B: u32, T: u32, S: u32, H: u32, G: u32, D: u32, window: u32, scale: f32 }
@group(0) @binding(0) var<storage, read> q: array<f32>;
@group(0) @binding(1) var<storage, read> k: array<f32>;
@group(0) @binding(2) var<storage, read> v: array<f32>;
@group(0) @binding(3) var<storage, read> spans: array<u32>;
@group(0) @binding(4) var<storage, read> dy: array<f32>;
@group(0) @binding(5) var<storage, read> stats: array<vec2f>;
@group(0) @binding(6) var<storage, read_write> dq: array<f32>;
@group(0) @binding(7) var<uniform> params: Params;

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
  for (var d = 0u; d < p.D; d++) { dq[query + d] = 0.0; }
  for (var c = low; c < high; c++) {
    let key = ((b * p.S + c) * (p.H / p.G) + row % p.H / p.G) * p.D;
    var s = 0.0;
    var dp = 0.0;
    for (var d = 0u; d < p.D; d++) {
      s += q[query + d] * k[key + d];
      dp += dy[query + d] * v[key + d];
    }
    let ds = exp(p.scale * s - stats[row].x) * (dp - stats[row].y);
    for (var d = 0u; d < p.D; d++) { dq[query + d] += p.scale * ds * k[key + d]; }
  }
}
