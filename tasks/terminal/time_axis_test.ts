import { deepEqual, equal } from "node:assert/strict";
import { layOutWaterfall } from "@playground/shared/waterfall";
import { layOutAxis } from "./time_axis.ts";

/** The axis for work given as [start, end], 100 columns wide. */
function axisOf(...work: readonly (readonly [number, number])[]) {
  const spans = work.map(([start, end], index) => ({
    traceId: "a",
    id: String(index),
    timestamp: 1_000 + start,
    duration: end - start,
  }));
  return layOutAxis(layOutWaterfall(spans), 100);
}

Deno.test("layOutAxis() keeps one scale while no gap is much longer than the work", () => {
  const { cuts, columnOf } = axisOf([0, 20], [80, 100]);
  deepEqual(cuts, []);
  deepEqual([0, 50, 80, 100].map(columnOf), [0, 50, 80, 100]);
});

Deno.test("layOutAxis() shortens a gap that is much longer than all the work to its length", () => {
  const { cuts, columnOf } = axisOf([0, 30], [1_030, 1_040]);
  deepEqual(cuts, [{ column: 62, leftOutUs: 960 }]);
  deepEqual([0, 30, 530, 1_030, 1_040].map(columnOf).map(Math.round), [0, 38, 63, 88, 100]);
});

Deno.test("layOutAxis() shortens every such gap", () => {
  const { cuts } = axisOf([0, 10], [150, 160], [500, 510]);
  deepEqual(cuts.map(({ leftOutUs }) => leftOutUs), [110, 310]);
});

Deno.test("layOutAxis() never lets time run backwards", () => {
  const { columnOf } = axisOf([0, 1], [500, 501], [502, 9_000], [40_000, 40_001]);
  for (let us = 0; us < 40_001; us += 100) equal(columnOf(us) <= columnOf(us + 100), true);
});

Deno.test("layOutAxis() puts everything at the start when no time passes", () => {
  const { cuts, columnOf } = axisOf([0, 0], [0, 0]);
  deepEqual(cuts, []);
  equal(columnOf(0), 0);
});
