// Keys (or values) of all rows up to and with the fresh ones. Row r continues row parents[r] of before:
//   present[r, s] = past[parents[r], s] for s < p,  fresh[r, s - p] for p <= s < p + T,  else 0;   p = spans[r, 1]
// past [P, S, C], fresh [R, T, C], parents [R], spans [R, 3] = (first key, first query, end of keys), present [R, S, C];
// C is all heads of one position, which stand side by side
const WIDTH = 1u;
alias elem = f32;

struct Params { count: u32, S: u32, T: u32, C: u32 }
@group(0) @binding(0) var<storage, read> past: array<elem>;
@group(0) @binding(1) var<storage, read> fresh: array<elem>;
@group(0) @binding(2) var<storage, read> parents: array<u32>;
@group(0) @binding(3) var<storage, read> spans: array<u32>;
@group(0) @binding(4) var<storage, read_write> present: array<elem>;
@group(0) @binding(5) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 64u + lane;
  let p = params;
  let columns = p.C / WIDTH;
  if (i >= p.count / WIDTH) { return; }
  let d = i % columns;
  let s = i / columns % p.S;
  let r = i / columns / p.S;
  let first = spans[3u * r + 1u];
  if (s < first) {
    present[i] = past[(parents[r] * p.S + s) * columns + d];
  } else if (s < first + p.T) {
    present[i] = fresh[(r * p.T + s - first) * columns + d];
  } else {
    present[i] = elem();
  }
}
