// dE[id] += scale · Σ over the positions n with ids[n] = id of dy[n], in the order of n: the first position of each id
// walks the chain of links.wgsl. The row of the padding id gets nothing, as PyTorch's padding_idx has it.
// dy [N, C], ids [N], links [N, 2]; the bound slice of dE holds rows [first, first + rows)
alias elem = vec4f; // columns in params are counted in these

struct Params { N: u32, columns: u32, first: u32, rows: u32, padding: u32, scale: f32 }
@group(0) @binding(0) var<storage, read> dy: array<elem>;
@group(0) @binding(1) var<storage, read> ids: array<u32>;
@group(0) @binding(2) var<storage, read> links: array<u32>;
@group(0) @binding(3) var<storage, read_write> gradient: array<elem>;
@group(0) @binding(4) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 64u + lane;
  let n = i / params.columns;
  if (n >= params.N || ids[n] == params.padding) { return; }
  let row = ids[n] - params.first; // wraps to a large number below the slice
  if (row >= params.rows || links[2u * n + 1u] == 0u) { return; }
  let c = i % params.columns;
  var sum = elem();
  for (var at = n; at < params.N; at = links[2u * at]) { sum += dy[at * params.columns + c]; }
  gradient[row * params.columns + c] += params.scale * sum;
}
