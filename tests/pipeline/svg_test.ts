import assert from "node:assert/strict";
import { element, linear, logarithmic, placeLabels, text } from "../../pipeline/svg/mod.ts";

Deno.test("elements are written with escaped text and short numbers", () => {
  assert.equal(element("circle", { cx: 1 / 3, r: 2 }), '<circle cx="0.33" r="2"/>');
  assert.equal(text(0, 1, `"a" & <b>`), '<text x="0" y="1">&quot;a&quot; &amp; &lt;b&gt;</text>');
});

Deno.test("scales reach over their values and mark round ones", () => {
  const scale = linear(73, 100, 500);
  assert.deepEqual(scale.ticks, [0, 20, 40, 60, 80]);
  assert.deepEqual([scale(0), scale(80)], [100, 500]);
  const log = logarithmic(0.03, 60, 0, 400);
  assert.deepEqual(log.ticks, [0.01, 0.1, 1, 10, 100]);
  assert.deepEqual([log(0.01), log(1), log(100)], [0, 200, 400]);
});

Deno.test("names stand beside their points, and one that has no room is left out", () => {
  const frame = { radius: 4, left: 0, right: 300 };
  const [a, b] = placeLabels(
    [{ content: "aaaa", x: 50, y: 50 }, { content: "bbbb", x: 290, y: 50 }],
    [],
    frame,
  );
  assert.deepEqual([a!.anchor, b!.anchor], ["start", "end"]);
  const wall = Array.from(
    { length: 40 },
    (_, i) => Array.from({ length: 30 }, (_, j) => ({ x: 8 * i, y: 8 * j })),
  );
  assert.deepEqual(placeLabels([{ content: "c", x: 50, y: 50 }], wall.flat(), frame), []);
});
