import assert from "node:assert/strict";
import { CHART_SCRIPT } from "../../../../src/observe/page/page_chart.ts";
import { FORMAT_SCRIPT } from "../../../../src/observe/page/page_format.ts";
import { pageFunctions } from "../../../support/page_functions.ts";

const { chartLabel, chartPaths, chartPoints, nearestPoint, pointText, stepFrom } = pageFunctions(
  ["chartLabel", "chartPaths", "chartPoints", "nearestPoint", "pointText", "stepFrom"],
  FORMAT_SCRIPT,
  CHART_SCRIPT,
);

const SECONDS_AGO = [3000, 2000, 1000, 500, 0];

Deno.test("chartPoints span what is known, and nothing that is not", () => {
  const xs = (values: readonly (number | null)[]) =>
    chartPoints!(values, SECONDS_AGO).map(({ x }: { x: number }) => Math.round(x));
  assert.deepEqual(xs([1, 2, 3, 4, 5]), [0, 33, 67, 83, 100]);
  // A stream that began later fills the drawing too.
  assert.deepEqual(xs([3, 4, 5]), [0, 50, 100]);
  assert.deepEqual(xs([5]), [100]);
  assert.deepEqual(xs([]), []);
});

Deno.test("chartPaths leave a gap where nothing is known", () => {
  const points = chartPoints!([1, 2, null, 2, 2], SECONDS_AGO);
  const { line, area } = chartPaths!(points);
  assert.equal(line, "M0.00 15.50L33.33 2.00M83.33 2.00L100.00 2.00");
  assert.equal(area.split("Z").length, 3);
  assert.deepEqual(chartPaths!(chartPoints!([7], SECONDS_AGO)), { line: "", area: "" });
});

Deno.test("nearestPoint and stepFrom find values that are known", () => {
  const points = chartPoints!([1, 2, null, 2, 2], SECONDS_AGO);
  assert.deepEqual([0, 60, 70, 99].map((x) => nearestPoint!(points, x)), [0, 3, 3, 4]);
  assert.deepEqual([stepFrom!(points, 3, -1), stepFrom!(points, 4, 1)], [1, 4]);
  assert.equal(nearestPoint!([], 50), null);
});

Deno.test("pointText and chartLabel say value and time in words", () => {
  const points = chartPoints!([1, 2, null, 0.5, 20_000], SECONDS_AGO);
  assert.equal(pointText!(points[1]), "2.0 events a second, 33 min ago");
  assert.equal(pointText!(points[4]), "20K events a second, now");
  assert.equal(
    chartLabel!(points),
    "the last 50 min: 0.5 to 20K events a second, now 20K",
  );
});
