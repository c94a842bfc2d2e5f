// The best of each stretch of `length` columns, as naive.wgsl has it for whole rows.
// x [R, C]; largest [R, stretches], places u32 [R, stretches]: a value and its column, NONE where a value is refused
const NONE = 0xffffffffu;

struct Params { count: u32, columns: u32, stretches: u32, length: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> largest: array<f32>;
@group(0) @binding(2) var<storage, read_write> places: array<u32>;
@group(0) @binding(3) var<uniform> params: Params;

fn unusable(value: f32) -> bool {
  let bits = bitcast<u32>(value);
  return bits == 0x7f800000u || (bits & 0x7fffffffu) > 0x7f800000u;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.count) { return; }
  let start = id.x / params.stretches * params.columns;
  let first = id.x % params.stretches * params.length;
  var best = first;
  var top = x[start + first];
  var refused = false;
  for (var c = first; c < min(first + params.length, params.columns); c++) {
    let value = x[start + c];
    refused = refused || unusable(value);
    if (value > top) {
      top = value;
      best = c;
    }
  }
  largest[id.x] = top;
  places[id.x] = select(best, NONE, refused);
}
