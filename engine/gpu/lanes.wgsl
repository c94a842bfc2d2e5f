// Where the invocations of a workgroup run: (lane, size of the subgroup, first and last invocation that shares it).
@group(0) @binding(0) var<storage, read_write> places: array<vec4u>;

@compute @workgroup_size(256)
fn main(
  @builtin(local_invocation_index) local: u32,
  @builtin(subgroup_invocation_id) lane: u32,
  @builtin(subgroup_size) size: u32,
) {
  places[local] = vec4u(lane, size, subgroupMin(local), subgroupMax(local));
}
