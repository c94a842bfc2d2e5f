/**
 * Every op on every driver that is here, each in a process of its own, and the drivers against each other. What is
 * absent counts as ignored. `deno task test:drivers` runs it.
 */
import assert from "node:assert/strict";
import { ALL_OPS } from "../support/registries.ts";
import { largestDifference } from "./difference.ts";
import { type Driver, findDrivers, SWIFTSHADER } from "./drivers.ts";
import { otherTests } from "./other_tests.ts";
import { createQueue } from "./queue.ts";
import { adapterOf, type Walk, walk } from "./run_walk.ts";

/** Ops whose results are one IEEE operation each, or none: drivers may not differ in a bit. */
const EXACT = new Set(["add", "multiply", "reshape", "swap_axes", "extend_cache"]);
/** Of a tensor's largest value: what the order of sums and a driver's own exp, log and sqrt may change. */
const TOLERANCE = 1e-5;

const OPS = [...new Set(ALL_OPS.map(({ op }) => op.name))];

/** A driver that is here, named by the adapter it opens. */
interface Present {
  readonly driver: Driver;
  readonly label: string;
}

async function present(driver: Driver): Promise<Present> {
  const { description, subgroupSize } = await adapterOf(driver);
  const name = driver.browser ? `${driver.name}, ` : "";
  const subgroups = subgroupSize ? `subgroups of ${subgroupSize}` : "no subgroups";
  return { driver, label: `${name}${description}, ${subgroups}` };
}

const queue = createQueue(navigator.hardwareConcurrency);

/** Begins a job when there is room; whether it failed is asked by the tests that wait for it. */
function begin<T>(job: () => Promise<T>): Promise<T> {
  const result = queue(job);
  result.catch(() => {});
  return result;
}

const found = await findDrivers();
const here = await Promise.all(
  found.filter(({ absent }) => absent === undefined).map((driver) => queue(() => present(driver))),
);
// The machine's own may be one of the others: each is walked once.
const drivers = here.filter(({ label }, i) => here.findIndex((other) => other.label === label) === i);
for (const { name, without, absent } of found.filter(({ absent }) => absent !== undefined)) {
  const settings = without ? `${name} without ${without}` : name;
  Deno.test({ name: `${settings} is absent: ${absent}`, ignore: true, fn: () => {} });
}

const second = found.find(({ name, without, absent }) => name === SWIFTSHADER && !without && !absent);
const others = second && begin(() => otherTests(second));
const walks = new Map(drivers.map(({ driver, label }) => [label, begin(() => walk(driver))]));
const walked = (label: string): Promise<Walk> => walks.get(label)!;

for (const { label } of drivers) {
  for (const op of OPS) {
    Deno.test(`${label}: ${op}`, async () => {
      const cases = (await walked(label)).ops.get(op);
      assert.ok(cases?.size, "no case ran");
      const wrong = [...cases.values()].flatMap(({ name, error }) => error ? [`${name}: ${error}`] : []);
      assert.deepEqual(wrong, []);
    });
  }
}

const [first, ...compared] = drivers.map(({ label }) => label) as [string, ...string[]];
for (const other of compared) {
  Deno.test(`${other} agrees with ${first}`, async () => {
    const { ops } = await walked(other), { ops: expected } = await walked(first);
    const differences = OPS.map((op) => [op, largestDifference(expected.get(op)!, ops.get(op)!)] as const);
    const told = differences.filter(([, difference]) => difference > 0)
      .map(([op, difference]) => `${op} ${difference.toExponential(1)}`);
    console.log(`largest differences: ${told.join(", ") || "none"}; all other ops have the same bits`);
    const beyond = differences.filter(([op, difference]) => !(difference <= (EXACT.has(op) ? 0 : TOLERANCE)));
    assert.deepEqual(beyond, []);
  });
}

if (others) {
  Deno.test(`${SWIFTSHADER}: PyTorch's values and the laws of ops, optimizer and whole models`, async () => {
    const { success, output } = await others;
    assert.ok(success, output);
  });
}
