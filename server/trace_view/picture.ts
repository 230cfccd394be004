import {
  compressedAxis,
  spanKey,
  ticksOf,
  type TimeAxis,
  timeSpent,
  trueAxis,
  type Waterfall,
} from "@playground/shared/waterfall";
import { z } from "zod";

const interval = { fromUs: z.int().min(0), toUs: z.int().min(0) };

/** A label's share of the width for narrow, medium and wide bars. */
const LABEL_WIDTHS = { narrow: 0.2, medium: 0.11, wide: 0.065 } as const;

/** Where moments lie on a line, as in `TimeAxis`. */
export const timeAxis = z.object({
  /** Moments and their places, from 0 to 1; between two of them time passes evenly. */
  points: z.array(z.tuple([z.number(), z.number()]).readonly()).readonly(),
  cuts: z.array(
    z.object({
      ...interval,
      label: z.string(),
    }).readonly(),
  ).readonly(),
  /** The labelled moments of the axis, by available width. */
  ticksUs: z.object({
    narrow: z.array(z.number()).readonly(),
    medium: z.array(z.number()).readonly(),
    wide: z.array(z.number()).readonly(),
  }).readonly(),
}).readonly();

/** Shared by the rows; times are in microseconds from the start of the picture. */
export const picture = z.object({
  totalUs: z.int().min(0),
  trueAxis: timeAxis,
  compressedAxis: timeAxis.optional(),
  criticalPath: z.array(z.object({ rowKey: z.string(), ...interval }).readonly()).readonly(),
  timeSpent: z.array(
    z.object({
      us: z.int().min(0),
      service: z.string(),
      what: z.string(),
      isWait: z.boolean(),
    }).readonly(),
  ).readonly(),
}).readonly();

/** Shared by the rows; see {@linkcode picture}. */
export type Picture = z.output<typeof picture>;

/** Describes how to draw a waterfall. */
export function toPicture(waterfall: Waterfall): Picture {
  const { totalUs, rows, criticalPath } = waterfall;
  const compressed = compressedAxis(waterfall);
  return {
    totalUs,
    trueAxis: toAxis(trueAxis(waterfall)),
    compressedAxis: compressed && toAxis(compressed),
    criticalPath: criticalPath.flatMap(({ index, fromUs, toUs }) => {
      const row = rows[index]?.row;
      return row === undefined ? [] : [{ rowKey: spanKey(row), fromUs, toUs }];
    }),
    timeSpent: timeSpent(waterfall),
  };
}

/** Describes an axis, with its labels. */
export function toAxis(axis: TimeAxis): Picture["trueAxis"] {
  const { points, cuts } = axis;
  return {
    points,
    cuts,
    ticksUs: {
      narrow: ticksOf(axis, LABEL_WIDTHS.narrow),
      medium: ticksOf(axis, LABEL_WIDTHS.medium),
      wide: ticksOf(axis, LABEL_WIDTHS.wide),
    },
  };
}
