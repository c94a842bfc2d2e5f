// The token just chosen becomes the next step's input, and the text at its position.
// token u32 [1], spans u32 [1, 3] as attention takes them, next u32 [1], text u32 [positions]; T tokens were fed
struct Params { T: u32, positions: u32 }
@group(0) @binding(0) var<storage, read> token: array<u32>;
@group(0) @binding(1) var<storage, read> spans: array<u32>;
@group(0) @binding(2) var<storage, read_write> next: array<u32>;
@group(0) @binding(3) var<storage, read_write> text: array<u32>;
@group(0) @binding(4) var<uniform> params: Params;

@compute @workgroup_size(1)
fn main() {
  next[0] = token[0];
  let position = spans[1] + params.T;
  if (position < params.positions) { text[position] = token[0]; }
}
