// y[m] = x[index[m]], zero where index[m] is no row of x.   x [N, C], index [M], y [M, C]
alias elem = vec4f;

struct Params { M: u32, N: u32, columns: u32 } // columns in elements
@group(0) @binding(0) var<storage, read> x: array<elem>;
@group(0) @binding(1) var<storage, read> index: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<elem>;
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 64u + lane;
  let m = i / params.columns;
  if (m >= params.M) { return; }
  let n = index[m];
  var value = elem();
  if (n < params.N) { value = x[n * params.columns + i % params.columns]; }
  y[i] = value;
}
