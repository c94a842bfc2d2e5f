// What becomes of a product, told at run time. Appended to the five kernels of the ladder, which say what an `elem` is.
const STORE = 0u; // C = alpha A B
const ADD = 1u; // C += alpha A B
const GATE = 2u; // C = gelu(C) alpha A B

fn gelu(x: elem) -> elem {
  let y = 0.7978845608028654 * (x + 0.044715 * (x * (x * x))); // √(2/π)
  return 0.5 * x * (1.0 + select(tanh(y), sign(y), abs(y) > elem(10.0))); // far out some drivers' tanh is NaN
}

// Finishes element c; `registers` and `subgroup` do it in loops of their own, many elements at a time.
fn finish(c: u32, product: elem) {
  switch params.epilogue {
    case ADD: { C[c] += product; }
    case GATE: { C[c] = gelu(C[c]) * product; }
    default: { C[c] = product; }
  }
}
