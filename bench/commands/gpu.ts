import { writeFileAtomic } from "../../model/files/mod.ts";
import { FULL, measureGpu, QUICK } from "../gpu/measure.ts";
import { formatReport } from "../gpu/report.ts";
import { RESULTS } from "../results.ts";
import { type Benchmark, withFlags } from "./define.ts";

/** `bench gpu`: not part of `bench all`. */
export const gpu: Benchmark = withFlags({ quick: false }, {
  name: "gpu",
  description:
    "one report on a machine with a GPU, to send back: is every op right, how fast are the products and the " +
    "real model's step, how long would the whole recipe take; under 10 minutes",
  examples: "./lapidary bench gpu\n  ./lapidary bench gpu --quick",
  flags: (command) => {
    command.option("--quick", "a small model in the real one's place: to see that everything works");
  },
  async run(session, { quick }) {
    const { machine, streams, add, fail } = session;
    if (machine.software && !quick) {
      streams.stderr("This is no GPU: the step will take very long; --quick measures a small one\n");
    }
    const measured = await measureGpu(session, quick ? QUICK : FULL, (text) => streams.stderr(`${text}\n`));
    const { ladder, step, memory, walks } = measured, report = formatReport(measured);
    add([...ladder, ...step, ...memory], report);
    if (walks.some(({ failures }) => failures.length > 0) || step.length === 0) fail();
    const name = `gpu-${
      machine.device.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-|-$/g, "")
    }.md`;
    await Deno.mkdir(RESULTS, { recursive: true });
    await writeFileAtomic(`${RESULTS}/${name}`, report);
    streams.stderr(`Written to bench/results/${name}\n`);
  },
});
