/** The walker over the engine's registry. PyTorch's values are in golden_test.ts. */
import { REGISTRY } from "../../engine/mod.ts";
import { walkRegistry } from "../support/walk_registry.ts";

walkRegistry(REGISTRY);
