/**
 * Every op on every driver that is here, each in a process of its own, and the drivers against each other. What is
 * absent counts as ignored. `deno task test:drivers` runs it.
 */
import assert from "node:assert/strict";
import { ALL_OPS } from "../support/registries.ts";
import { largestDifference } from "./difference.ts";
import { type Driver, findDrivers, SWIFTSHADER } from "./drivers.ts";
import { otherTests } from "./other_tests.ts";
import { adapterOf, type Walk, walk } from "./run_walk.ts";

/** Ops whose results are one IEEE operation each, or none: drivers may not differ in a bit. */
const EXACT = new Set(["add", "multiply", "reshape", "swap_axes", "extend_cache"]);
/** Of a tensor's largest value: what the order of sums and a driver's own exp, log and sqrt may change. */
const TOLERANCE = 1e-5;

const OPS = [...new Set(ALL_OPS.map(({ op }) => op.name))];

/** A driver that is here, named by the adapter it opens; the walk runs when first asked for, once. */
interface Present {
  readonly label: string;
  walk(): Promise<Walk>;
}

async function present(driver: Driver): Promise<Present> {
  const { description, subgroupSize } = await adapterOf(driver);
  let walked: Promise<Walk> | undefined;
  return {
    label: `${driver.browser ? `${driver.name}, ` : ""}${description}, ${
      subgroupSize ? `subgroups of ${subgroupSize}` : "no subgroups"
    }`,
    walk: () => walked ??= walk(driver),
  };
}

const found = await findDrivers(), drivers = new Map<string, Present>();
for (const driver of found) {
  if (driver.absent === undefined) {
    const named = await present(driver);
    if (!drivers.has(named.label)) drivers.set(named.label, named); // the machine's own may be one of the others
  } else {
    const settings = driver.without ? `${driver.name} without ${driver.without}` : driver.name;
    Deno.test({ name: `${settings} is absent: ${driver.absent}`, ignore: true, fn: () => {} });
  }
}

for (const driver of drivers.values()) {
  for (const op of OPS) {
    Deno.test(`${driver.label}: ${op}`, async () => {
      const cases = (await driver.walk()).ops.get(op);
      assert.ok(cases?.size, "no case ran");
      const wrong = [...cases.values()].flatMap(({ name, error }) => error ? [`${name}: ${error}`] : []);
      assert.deepEqual(wrong, []);
    });
  }
}

const [first, ...others] = drivers.values();
for (const other of others) {
  Deno.test(`${other.label} agrees with ${first!.label}`, async () => {
    const { ops } = await other.walk(), { ops: expected } = await first!.walk();
    const differences = OPS.map((op) => [op, largestDifference(expected.get(op)!, ops.get(op)!)] as const);
    const told = differences.filter(([, difference]) => difference > 0)
      .map(([op, difference]) => `${op} ${difference.toExponential(1)}`);
    console.log(`largest differences: ${told.join(", ") || "none"}; all other ops have the same bits`);
    const beyond = differences.filter(([op, difference]) => !(difference <= (EXACT.has(op) ? 0 : TOLERANCE)));
    assert.deepEqual(beyond, []);
  });
}

for (
  const driver of found.filter(({ name, without, absent }) => name === SWIFTSHADER && !without && !absent)
) {
  Deno.test(`${driver.name}: PyTorch's values and the laws of ops, losses, optimizer and whole models`, async () => {
    const { success, output } = await otherTests(driver);
    assert.ok(success, output);
  });
}
