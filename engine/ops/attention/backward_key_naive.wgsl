// dk and dv of y_t = Σ_c p_tc v_c (forward_naive.wgsl), with ds as in backward_query_naive.wgsl, over the queries t that see key c
// and the G heads that share it, in this order:
//   dv_c = Σ_t Σ_g p_tc dy_t,   dk_c = scale Σ_t Σ_g ds_tc q_t
// Query t sees key c where c <= position < c + window and first key <= c < end of keys. One invocation a key of one head.
// q, dy [B, T, H, D], k, v, dk, dv [B, S, H / G, D], stats [B, T, H] = (lse, delta), spans as in forward_naive.wgsl
struct Params { B: u32, T: u32, S: u32, H: u32, G: u32, D: u32, window: u32, scale: f32 }
@group(0) @binding(0) var<storage, read> q: array<f32>;
@group(0) @binding(1) var<storage, read> k: array<f32>;
@group(0) @binding(2) var<storage, read> v: array<f32>;
@group(0) @binding(3) var<storage, read> spans: array<u32>;
@group(0) @binding(4) var<storage, read> dy: array<f32>;
@group(0) @binding(5) var<storage, read> stats: array<vec2f>;
@group(0) @binding(6) var<storage, read_write> dk: array<f32>;
@group(0) @binding(7) var<storage, read_write> dv: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let p = params;
  let kv_heads = p.H / p.G;
  let row = (group.y * groups.x + group.x) * 64u + lane; // (b, c, kv head)
  if (row >= p.B * p.S * kv_heads) { return; }
  let b = row / kv_heads / p.S;
  let c = row / kv_heads % p.S;
  let key = row * p.D;
  for (var d = 0u; d < p.D; d++) {
    dk[key + d] = 0.0;
    dv[key + d] = 0.0;
  }
  if (c < spans[3u * b] || c >= spans[3u * b + 2u]) { return; }
  for (var t = 0u; t < p.T; t++) {
    let position = spans[3u * b + 1u] + t;
    if (position < c || position - c >= p.window) { continue; }
    for (var g = 0u; g < p.G; g++) {
      let query_row = (b * p.T + t) * p.H + row % kv_heads * p.G + g;
      let query = query_row * p.D;
      var s = 0.0;
      var dp = 0.0;
      for (var d = 0u; d < p.D; d++) {
        s += q[query + d] * k[key + d];
        dp += dy[query + d] * v[key + d];
      }
      let weight = exp(p.scale * s - stats[query_row].x);
      let ds = weight * (dp - stats[query_row].y);
      for (var d = 0u; d < p.D; d++) {
        dv[key + d] += weight * dy[query + d];
        dk[key + d] += p.scale * ds * q[query + d];
      }
    }
  }
}
