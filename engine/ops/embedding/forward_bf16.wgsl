// y[n] = scale · E[ids[n]] as in forward.wgsl, E held in bf16: two to a word, the first in its low half.
struct Params { N: u32, columns: u32, first: u32, rows: u32, scale: f32 }
@group(0) @binding(0) var<storage, read> table: array<u32>;
@group(0) @binding(1) var<storage, read> ids: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

fn element(i: u32) -> f32 {
  let word = table[i / 2u];
  return bitcast<f32>(select(word << 16u, word & 0xffff0000u, i % 2u == 1u));
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 64u + lane;
  let n = i / params.columns;
  if (n >= params.N) { return; }
  let row = ids[n] - params.first; // wraps to a large number below the slice
  if (row < params.rows) { y[i] = params.scale * element(row * params.columns + i % params.columns); }
}
