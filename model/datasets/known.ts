/** What is known of a data set before the hub is asked. */
export interface KnownSet {
  /** The configurations that its name stands for, in the order in which they are read. */
  readonly configurations: readonly string[];
  /** By configuration: rows, and bytes of all its files. */
  readonly sizes: Readonly<Record<string, { readonly rows: number; readonly bytes: number }>>;
}

/** By name. */
export const KNOWN_SETS: Readonly<Record<string, KnownSet>> = {
  /**
   * Cosmopedia v0.1 (Ben Allal et al., 2024) in the four configurations that gem-3-small learned from. Sizes are those of
   * the data set's own card (`dataset_info` of README.md at commit 0ae6ec63f91742bd2d1eaef4f02232c55d719385).
   */
  "HuggingFaceTB/cosmopedia": {
    configurations: ["stories", "wikihow", "openstax", "web_samples_v1"],
    sizes: {
      stories: { rows: 4_992_964, bytes: 11_902_294_709 },
      wikihow: { rows: 179_191, bytes: 502_284_600 },
      openstax: { rows: 126_332, bytes: 346_992_522 },
      web_samples_v1: { rows: 12_426_348, bytes: 38_978_124_936 },
    },
  },
};
