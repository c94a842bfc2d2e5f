/** Which dispatch the page shows: one choice, which every part follows. */
export interface Choice {
  readonly index: number;
  /** Chooses a dispatch; numbers beyond the ends are the ends. */
  choose(index: number): void;
  /** Calls back now and after every change. */
  follow(listener: (index: number) => void): void;
}

/** A choice among so many. */
export function createChoice(count: number, first = 0): Choice {
  const listeners: ((index: number) => void)[] = [];
  let index = first;
  return {
    get index() {
      return index;
    },
    choose(wanted) {
      const next = Math.min(count - 1, Math.max(0, Math.round(wanted)));
      if (next === index) return;
      index = next;
      for (const listener of listeners) listener(index);
    },
    follow(listener) {
      listeners.push(listener);
      listener(index);
    },
  };
}
