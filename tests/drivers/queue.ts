/** Starts jobs in the order they come, so many at a time: a driver compiles on one processor. */
export function createQueue(places: number): <T>(job: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  return async (job) => {
    if (places > 0) places--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await job();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else places++;
    }
  };
}
