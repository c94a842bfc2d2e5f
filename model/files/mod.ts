/** Files: strict reading, reads at an offset, and writing that is complete or does not happen. */
export { ioError } from "./io_error.ts";
export { type FileLock, type Holder, lockFile } from "./lock.ts";
export { openRandomAccess, type RandomAccessFile } from "./random_access.ts";
export { isDirectory, isFile, readBytes, readJson, readText } from "./read.ts";
export { sha256File, sha256Tree } from "./sha256.ts";
export { forget, removeLeftovers, removeUnfinished, temporaryBeside } from "./temporary.ts";
export { TOKENIZER_FILES, WEIGHTS, WEIGHTS_INDEX } from "./names.ts";
export type { TensorInfo, WeightSource } from "./weight_source.ts";
export { streamFileAtomic, writeDirectoryAtomic, writeFileAtomic, writeJsonAtomic } from "./write.ts";
export { listDirectory, makeDirectory, makeSubdirectory, moveFile, removeFile } from "./directory.ts";
