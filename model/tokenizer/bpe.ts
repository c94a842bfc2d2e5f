/**
 * Byte-pair encoding over flat tables: the pair with the lowest rank is joined first, of equals the leftmost. As
 * huggingface/tokenizers (tokenizers/src/models/bpe) does it.
 */
import { type BpeTables, hashOf, NO_ID } from "./tables.ts";

/** Longer words are not remembered, nor more than so many of the shorter ones. */
const LONGEST_KEPT = 40;
const MOST_KEPT = 1 << 16;

/**
 * Encodes texts in which added tokens were found already. The result holds `NO_ID` for a character without a token.
 *
 * No merge joins a word to the `▁` of the next one, with the exceptions that the tables name, so that words are encoded
 * one by one and remembered; the ids are those of the text as a whole.
 */
export function createBpe(tables: BpeTables): (text: string, into: number[]) => void {
  const joined = new Set(tables.joinedToSpace);
  const kept = new Map<string, readonly number[]>();
  const merge = createMerger(tables);

  function word(text: string): readonly number[] {
    const known = kept.get(text);
    if (known) return known;
    const ids = merge(text);
    if (text.length <= LONGEST_KEPT) {
      if (kept.size >= MOST_KEPT) kept.clear();
      kept.set(text, ids);
    }
    return ids;
  }

  return (text, into) => {
    for (let start = 0, end; start < text.length; start = end) {
      end = text.indexOf("▁", start + 1);
      while (end > 0 && joined.has(text.charCodeAt(end - 1))) end = text.indexOf("▁", end + 1);
      if (end < 0) end = text.length;
      for (const id of word(text.slice(start, end))) into.push(id);
    }
  };
}

/** Joins the symbols of one word, which are a linked list; a heap holds the pairs that can be joined. */
function createMerger({ characters, bytes, merges, unknown, fuseUnknown }: BpeTables) {
  const mask = merges.length / 4 - 1;
  const utf8 = new TextEncoder();

  /** Slot of a pair, or -1. */
  function slotOf(left: number, right: number): number {
    for (let i = hashOf(left, right) & mask;; i = (i + 1) & mask) {
      const at = 4 * i;
      if (merges[at] === left && merges[at + 1] === right) return at;
      if (merges[at] === NO_ID) return -1;
    }
  }

  function symbols(text: string): number[] {
    const ids: number[] = [];
    for (const character of text) {
      const id = characters[character.codePointAt(0)!]!;
      if (id !== NO_ID) {
        ids.push(id);
        continue;
      }
      const spelled = bytes && Array.from(utf8.encode(character), (byte) => bytes[byte]!);
      if (spelled && !spelled.includes(NO_ID)) ids.push(...spelled);
      else if (!fuseUnknown || ids.at(-1) !== unknown) ids.push(unknown);
    }
    return ids;
  }

  return (text: string): readonly number[] => {
    const ids = symbols(text), n = ids.length;
    if (n < 2) return ids;
    const next = Int32Array.from({ length: n }, (_, i) => i + 1 < n ? i + 1 : -1);
    const previous = Int32Array.from({ length: n }, (_, i) => i - 1);
    // A key is rank and place in one number: ranks are below 2^32 and n below 2^21 in all that fits in memory.
    const heap = createHeap(3 * n);
    const offer = (i: number) => {
      const slot = slotOf(ids[i]!, ids[next[i]!]!);
      if (slot >= 0) heap.push(merges[slot + 2]! * n + i);
    };
    for (let i = 0; i + 1 < n; i++) offer(i);
    while (heap.size() > 0) {
      const key = heap.pop(), i = key % n, right = next[i]!;
      if (ids[i] === NO_ID || right < 0) continue;
      const slot = slotOf(ids[i]!, ids[right]!);
      // What stands here now may be another pair than the one that was offered.
      if (slot < 0 || merges[slot + 2]! * n + i !== key) continue;
      ids[i] = merges[slot + 3]!;
      ids[right] = NO_ID;
      const after = next[i] = next[right]!;
      if (after >= 0) {
        previous[after] = i;
        offer(i);
      }
      if (previous[i]! >= 0) offer(previous[i]!);
    }
    const result: number[] = [];
    for (let i = 0; i >= 0; i = next[i]!) result.push(ids[i]!);
    return result;
  };
}

/** The least number first. */
function createHeap(capacity: number) {
  const keys = new Float64Array(capacity);
  let size = 0;
  return {
    size: () => size,
    push(key: number) {
      let i = size++;
      for (; i > 0; i = (i - 1) >> 1) {
        const parent = keys[(i - 1) >> 1]!;
        if (parent <= key) break;
        keys[i] = parent;
      }
      keys[i] = key;
    },
    pop(): number {
      const least = keys[0]!, last = keys[--size]!;
      let i = 0;
      for (let child = 1; child < size; child = 2 * i + 1) {
        if (child + 1 < size && keys[child + 1]! < keys[child]!) child++;
        if (keys[child]! >= last) break;
        keys[i] = keys[child]!;
        i = child;
      }
      keys[i] = last;
      return least;
    },
  };
}
