import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { momentOf, placeOf } from "./drawing.js";
import { layOutWaterfall } from "./layout.ts";
import { compressedAxis, ticksOf, trueAxis } from "./time_axis.ts";

type Work = readonly (readonly [fromMs: number, toMs: number])[];

function waterfallOf(work: Work) {
  return layOutWaterfall(work.map(([fromMs, toMs], index) => ({
    traceId: "a",
    id: String(index),
    timestamp: 1_000_000 + fromMs * 1_000,
    duration: (toMs - fromMs) * 1_000,
  })));
}

function compressed(work: Work) {
  const axis = compressedAxis(waterfallOf(work));
  ok(axis);
  const widthOf = (fromMs: number, toMs: number) =>
    placeOf(axis, toMs * 1_000) - placeOf(axis, fromMs * 1_000);
  const cutWidths = axis.cuts.map(({ fromUs, toUs }) => widthOf(fromUs / 1_000, toUs / 1_000));
  return { axis, widthOf, cutWidths };
}

const isNear = (value: number, expected: number) =>
  ok(Math.abs(value - expected) < 0.001, `${value}`);

Deno.test("compressedAxis() is none while no gap is longer than a quarter of all work", () => {
  equal(compressedAxis(waterfallOf([[0, 20], [25, 45], [55, 75]])), undefined);
  equal(compressedAxis(waterfallOf([[0, 0], [900, 900]])), undefined);
  equal(compressedAxis(layOutWaterfall([])), undefined);
});

Deno.test("compressedAxis() cuts each longer gap", () => {
  const { axis } = compressed([[0, 20], [26, 30], [130, 150]]);
  deepEqual(axis.cuts, [{ fromUs: 30_000, toUs: 130_000, label: "100 ms" }]);
});

Deno.test("compressedAxis() takes a wait for a time without work, also at the end", () => {
  const span = { traceId: "a", timestamp: 1, duration: 10 };
  const axis = compressedAxis(layOutWaterfall([
    { ...span, id: "1", name: "emailer" },
    { ...span, id: "2", name: "archive-email", timestamp: 11, duration: 90 },
  ]));
  deepEqual(axis?.cuts, [{ fromUs: 10, toUs: 100, label: "90 µs" }]);
});

Deno.test("compressedAxis() makes waits of 1 s, 5 s, 30 s and 2 min look different", () => {
  const { axis, cutWidths } = compressed([
    [0, 10],
    [1_010, 1_020],
    [6_020, 6_030],
    [36_030, 36_040],
    [156_040, 156_050],
  ]);
  const expected = [0.055, 0.087, 0.134, 0.173];
  cutWidths.forEach((width, index) => isNear(width, expected[index] ?? NaN));
  deepEqual(axis.cuts.map(({ label }) => label), ["1 s", "5 s", "30 s", "2 min"]);
});

Deno.test("compressedAxis() leaves more than half of the width to the work, on one scale", () => {
  const work = Array.from({ length: 20 }, (_, n) => [n * 5_000, n * 5_000 + 10] as const);
  const { cutWidths, widthOf } = compressed(work);
  isNear(cutWidths.reduce((sum, width) => sum + width), 0.45);
  for (const [fromMs, toMs] of work) isNear(widthOf(fromMs, toMs), 0.55 / 20);
});

const works = fc.array(
  fc.tuple(fc.nat(100_000), fc.nat(10_000)).map(([fromMs, ms]) => [fromMs, fromMs + ms] as const),
);

Deno.test("placeOf() stays on the axis and never goes back, whatever the work is", () => {
  fc.assert(fc.property(works, fc.array(fc.nat(200_000_000)), (work, moments) => {
    const waterfall = waterfallOf(work);
    for (const axis of [trueAxis(waterfall), compressedAxis(waterfall) ?? trueAxis(waterfall)]) {
      let last = 0;
      for (const us of [0, ...moments.toSorted((a, b) => a - b)]) {
        const place = placeOf(axis, us);
        ok(place >= last && place <= 1 + 1e-9, `${us} is at ${place}`);
        last = place;
      }
    }
  }));
});

Deno.test("momentOf() finds the moment at a place again", () => {
  const { axis } = compressed([[0, 240], [1_240, 1_260], [6_260, 6_280]]);
  for (const us of [0, 100_000, 700_000, 1_250_000, 6_280_000]) {
    isNear(momentOf(axis, placeOf(axis, us)), us);
  }
});

Deno.test("ticksOf() has round values in the first burst, the start of each later one, and the end", () => {
  const { axis } = compressed([[0, 240], [1_240, 1_260], [6_260, 6_280]]);
  deepEqual(ticksOf(axis, 0.1), [0, 50_000, 100_000, 150_000, 200_000, 1_240_000, 6_280_000]);
  deepEqual(ticksOf(trueAxis(waterfallOf([[0, 39_700]])), 0.11), [
    ...[0, 5_000, 10_000, 15_000, 20_000, 25_000, 30_000].map((ms) => ms * 1_000),
    39_700_000,
  ]);
  // A cut has no labelled moments.
  deepEqual(ticksOf(compressed([[0, 51], [90_000, 90_020]]).axis, 0.11), [
    ...[0, 20, 40, 90_000, 90_020].map((ms) => ms * 1_000),
  ]);
});

Deno.test("ticksOf() lets no label touch another", () => {
  const widths = fc.constantFrom(0.05, 0.12, 0.3, 0.6);
  fc.assert(fc.property(works, widths, (work, labelWidth) => {
    const waterfall = waterfallOf(work);
    const axis = compressedAxis(waterfall) ?? trueAxis(waterfall);
    const ticks = ticksOf(axis, labelWidth);
    equal(ticks[0], 0);
    equal(ticks.at(-1), waterfall.totalUs);
    // The last label is left of its mark.
    const lefts = ticks.map((us, index) =>
      index > 0 && index === ticks.length - 1 ? 1 - labelWidth : placeOf(axis, us)
    );
    for (const [index, left] of lefts.slice(1).entries()) {
      if (labelWidth < 0.5) ok(left - (lefts[index] ?? 0) >= labelWidth - 1e-9, `${lefts}`);
    }
  }));
});
