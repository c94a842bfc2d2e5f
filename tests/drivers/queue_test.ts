import assert from "node:assert/strict";
import { createQueue } from "./queue.ts";

Deno.test("jobs start in order, never more at a time than there are places; one that fails frees its own", async () => {
  const queue = createQueue(2),
    started: number[] = [],
    gates = [0, 1, 2, 3].map(() => Promise.withResolvers<void>());
  const jobs = gates.map(({ promise }, i) =>
    queue(async () => {
      started.push(i);
      await promise;
      return i;
    })
  );
  const seen = async (expected: number[]) => {
    await new Promise((resolve) => setTimeout(resolve));
    assert.deepEqual(started, expected);
  };
  await seen([0, 1]);
  gates[1]!.reject(new Error("lost"));
  await assert.rejects(jobs[1]!, { message: "lost" });
  await seen([0, 1, 2]);
  for (const gate of gates) gate.resolve();
  assert.deepEqual(await Promise.all([jobs[0], jobs[2], jobs[3]]), [0, 2, 3]);
});
