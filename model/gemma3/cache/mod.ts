/** Keys and values of earlier tokens: where they are kept, and how they grow and fork. */
export { extendCache, extendCacheEntry } from "./extend.ts";
export { createKeyValues, type KeyValues } from "./key_values.ts";
export { appendToken, createText, type Text } from "./text.ts";
