// y[r] = the place of the largest of a row's stretches, the first of equals; NONE where one of them is NONE.
// largest [R, stretches], places u32 [R, stretches], y u32 [R]
const NONE = 0xffffffffu;

struct Params { rows: u32, stretches: u32 }
@group(0) @binding(0) var<storage, read> largest: array<f32>;
@group(0) @binding(1) var<storage, read> places: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.rows) { return; }
  let first = id.x * params.stretches;
  var best = first;
  var refused = false;
  for (var i = first; i < first + params.stretches; i++) {
    refused = refused || places[i] == NONE;
    if (largest[i] > largest[best]) { best = i; }
  }
  y[id.x] = select(places[best], NONE, refused);
}
