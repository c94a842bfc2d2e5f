/** Every op of the project with its reference and cases. */
export { ALL_OPS } from "../../bench/registry.ts";
