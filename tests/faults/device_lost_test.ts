/** A device that is lost in the middle of a run: no result of it is used, and the run goes on with another. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { openEngine } from "../../engine/mod.ts";
import { commandTest } from "../support/command.ts";
import { sharedEngine } from "../support/engine.ts";
import { listening, outcomeOf, runSmall, smallConfig, wholeOutcome } from "../support/small_run.ts";

commandTest(
  "the device is lost while it trains: told, and --resume ends as if it had not been",
  async (directory) => {
    const engine = await openEngine(), config = await smallConfig(directory), run = join(directory, "run");
    const losing = listening(({ stage, done }) => {
      if (stage === "train" && done >= 9) engine.device.gpu.destroy();
    });
    await assert.rejects(runSmall(engine, config, run, losing), { name: "DeviceError", message: /lost/ });
    const reporter = listening(), another = await sharedEngine();
    await runSmall(another, config, run, reporter, true);
    assert.match(reporter.notes.join("\n"), /train: goes on after step 8/);
    assert.deepEqual(await outcomeOf(run), await wholeOutcome(another));
  },
);
