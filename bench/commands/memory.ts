import { openEngine } from "../../engine/mod.ts";
import { resolveConfig } from "../../train/config/mod.ts";
import { formatMemory, measureMemory, planMemory } from "../memory.ts";
import { PEBBLE } from "../models.ts";
import { withFlags } from "./define.ts";

/** `bench memory`. */
export const memory = withFlags({ set: [] as readonly string[] }, {
  name: "memory",
  description:
    "device memory of each preset's step by role, planned; Pebble's also held against what is allocated",
  examples:
    "./lapidary bench memory\n  ./lapidary bench memory --set train.micro_batch=4 train.accumulation=1",
  flags: (command) => {
    command.option("--set <key=value...>", "plan every preset under these settings too, all at once");
  },
  async run({ engine, streams, add }, { set }) {
    const planned = await planMemory(engine.target, set, (text) => streams.stderr(`${text}\n`));
    const own = await openEngine({ subgroups: engine.target.subgroupSize > 0 }); // nothing is allocated there yet
    try {
      const config = await resolveConfig({ preset: "pebble" });
      const rows = [...planned, await measureMemory(own, "pebble", PEBBLE, config)];
      add(rows, formatMemory(rows));
    } finally {
      own.close();
    }
  },
});
