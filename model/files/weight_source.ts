/** What a file says of one tensor. */
export interface TensorInfo {
  /** The file's own name of the storage type, such as `BF16` or `Q4_K`. */
  readonly dtype: string;
  /** Sizes from the slowest axis to the fastest, as in `transformers`. */
  readonly shape: readonly number[];
}

/** Tensors by name, whatever file holds them; nothing is read before it is asked for. */
export interface WeightSource {
  names(): string[];
  /** @throws {DataError} when there is no such tensor. */
  info(name: string): TensorInfo;
  /** The values, row-major. @throws {DataError} when there is no such tensor or its type cannot be read. */
  readF32(name: string): Promise<Float32Array<ArrayBuffer>>;
  close(): void;
}
