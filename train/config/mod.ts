/** Configuration: one schema for presets, files, flags and `--set`. */
export { type ConfigKey, configKeys } from "./keys.ts";
export { didYouMean, nearest } from "../../engine/mod.ts";
export { presets } from "./presets.ts";
export { type ConfigSources, resolveConfig } from "./resolve.ts";
export { type Config, configJsonSchema, configSchema, type PartialConfig } from "./schema.ts";
export { parseSetting } from "./settings.ts";
