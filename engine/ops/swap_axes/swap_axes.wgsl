// y[b, c, a, d] = x[b, a, c, d]: positions by heads becomes heads by positions.
// Eight invocations walk a row of D, eight rows a workgroup; c and b are axes of the grid, so nothing is divided.
alias elem = vec4f;

struct Params { A: u32, C: u32, columns: u32 } // columns: D in elements
@group(0) @binding(0) var<storage, read> x: array<elem>;
@group(0) @binding(1) var<storage, read_write> y: array<elem>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(8, 8)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let p = params;
  let a = group.x * 8u + local.y;
  let c = group.y;
  let b = group.z;
  if (a >= p.A) { return; }
  let source = ((b * p.A + a) * p.C + c) * p.columns;
  let target_row = ((b * p.C + c) * p.A + a) * p.columns;
  for (var d = local.x; d < p.columns; d += 8u) { y[target_row + d] = x[source + d]; }
}
