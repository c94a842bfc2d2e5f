/** Where a value stands, and the values to mark. */
export interface Scale {
  (value: number): number;
  readonly ticks: readonly number[];
}

/** From 0 to at least `most` in a straight line. */
export function linear(most: number, from: number, to: number): Scale {
  const step = niceStep(most / 4), count = Math.ceil(most / step - 1e-9);
  return Object.assign((value: number) => from + (to - from) * value / (step * count), {
    ticks: Array.from({ length: count + 1 }, (_, i) => Number((i * step).toPrecision(12))),
  });
}

/** 1, 2 or 5 times a power of ten, at least `least`. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((digit) => digit * power).find((step) => step >= least * (1 - 1e-9))!;
}

/** Whole powers of ten around `least` and `most`, each as long as the other. */
export function logarithmic(least: number, most: number, from: number, to: number): Scale {
  const first = Math.floor(Math.log10(least)), last = Math.max(first + 1, Math.ceil(Math.log10(most)));
  return Object.assign(
    (value: number) => from + (to - from) * (Math.log10(value) - first) / (last - first),
    { ticks: Array.from({ length: last - first + 1 }, (_, i) => Number(`1e${first + i}`)) },
  );
}
