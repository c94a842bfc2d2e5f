/** Tokens to text, by the decoder of a tokenizer.json; as huggingface/tokenizers (tokenizers/src/decoders). */
import { type Part, partsOf } from "./parts.ts";

type Step = (tokens: readonly string[]) => readonly string[];

/** Text of tokens; without a decoder they are joined by spaces. */
export function createDecoder(part: Part | null | undefined): (tokens: readonly string[]) => string {
  if (!part) return (tokens) => tokens.join(" ");
  const steps = partsOf(part, "decoders").map(stepOf);
  return (tokens) => steps.reduce<readonly string[]>((tokens, step) => step(tokens), tokens).join("");
}

function stepOf(part: Part): Step {
  switch (part.type) {
    case "Replace": {
      const { String: from } = part.pattern as { String: string };
      return (tokens) => tokens.map((token) => token.replaceAll(from, () => part.content as string));
    }
    case "Strip": {
      const { content, start, stop } = part as unknown as { content: string; start: number; stop: number };
      return (tokens) => tokens.map((token) => strip([...token], content, start, stop));
    }
    case "ByteFallback":
      return joinBytes;
    default:
      return (tokens) => [tokens.join("")]; // Fuse
  }
}

/** Without up to `start` characters in front and `stop` behind that are `content`. */
function strip(characters: readonly string[], content: string, start: number, stop: number): string {
  let [first, end] = [0, characters.length];
  while (first < start && characters[first] === content) first++;
  while (characters.length - end < stop && end > 0 && characters[end - 1] === content) end--;
  return characters.slice(first, end).join("");
}

const BYTE = /^<0x([0-9A-Fa-f]{2})>$/;

/** Byte tokens in a row are one text where they are UTF-8 as a whole; else each is a replacement character. */
function joinBytes(tokens: readonly string[]): string[] {
  const texts: string[] = [];
  let bytes: number[] = [];
  const flush = () => {
    if (bytes.length > 0) texts.push(textOf(bytes));
    bytes = [];
  };
  for (const token of tokens) {
    const byte = BYTE.exec(token)?.[1];
    if (byte !== undefined) {
      bytes.push(parseInt(byte, 16));
      continue;
    }
    flush();
    texts.push(token);
  }
  flush();
  return texts;
}

function textOf(bytes: readonly number[]): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
  } catch {
    return "\ufffd".repeat(bytes.length);
  }
}
