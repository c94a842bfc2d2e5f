// y[m] = x[index[m]], for indices in the part of x that is bound: rows [first, first + N). Other rows of y become zero, or
// stay as they are where OTHERS_STAY. An invocation moves EACH neighbouring elements of a row: on a CPU finding the row costs
// more than moving one.   x [N, C], index [M], y [M, C]
const OTHERS_STAY = false;
const EACH = 1u; // divides columns
alias elem = vec4f;

struct Params { M: u32, N: u32, first: u32, columns: u32 } // columns in elements
@group(0) @binding(0) var<storage, read> x: array<elem>;
@group(0) @binding(1) var<storage, read> index: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<elem>;
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = ((group.y * groups.x + group.x) * 64u + lane) * EACH;
  let m = i / params.columns;
  if (m >= params.M) { return; }
  let row = index[m] - params.first; // wraps to a large number below the part
  if (row < params.N) {
    let source = row * params.columns + i % params.columns;
    /*unroll*/ for (var e = 0u; e < EACH; e++) { y[i + e] = x[source + e]; }
  } else if (!OTHERS_STAY) {
    /*unroll*/ for (var e = 0u; e < EACH; e++) { y[i + e] = elem(); }
  }
}
