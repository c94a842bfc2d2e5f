/** The walker over the losses: device against f64, f64 against central differences, for every kind. */
import { LOSS_REGISTRY } from "../../../train/losses/mod.ts";
import { walkRegistry } from "../../support/walk_registry.ts";

walkRegistry(LOSS_REGISTRY);
