import { z } from "zod";
import { emailSummary } from "../trace_view/mod.ts";
import { charts } from "./charts.ts";
import { STATE_NAMES } from "./filter.ts";
import { serviceMap } from "./service_map.ts";

/** How much of the collector is known. */
export const progress = z.object({
  readCount: z.int().min(0),
  /** Whether all that the collector held has been read, up to the bound on memory. */
  isComplete: z.boolean(),
  /** When it was last read to the end, in milliseconds since 1970. */
  asOfMs: z.number().optional(),
  /** The start of the oldest known trace, in milliseconds since 1970. */
  oldestMs: z.number().optional(),
  /** Why the collector cannot be read now; what is known is shown. */
  failure: z.string().optional(),
}).readonly();

/** How much of the collector is known; see {@linkcode progress}. */
export type Progress = z.output<typeof progress>;

/** A page of the emails that match. */
export const exploredEmails = z.object({
  emails: z.array(emailSummary).readonly(),
  matchCount: z.int().min(0),
  /** How many match the filter without its states, by state. */
  stateCounts: z.object(
    Object.fromEntries(STATE_NAMES.map((name) => [name, z.int().min(0)])),
  ).readonly(),
  /** Absent on the last page. */
  nextCursor: z.string().optional(),
  progress,
}).readonly();

/** The emails that match as columns in the same order, newest first. */
export const exploredPoints = z.object({
  points: z.object({
    startMs: z.array(z.number()).readonly(),
    durationMs: z.array(z.number().min(0)).readonly(),
    state: z.array(z.enum(STATE_NAMES)).readonly(),
    attemptCount: z.array(z.int().min(0)).readonly(),
    traceId: z.array(z.string()).readonly(),
    emailId: z.array(z.string().nullable()).readonly(),
  }).readonly(),
  progress,
}).readonly();

/** The map of the services. */
export const exploredMap = z.object({ ...serviceMap.unwrap().shape, progress }).readonly();

/** The charts of a range. */
export const exploredCharts = z.object({ ...charts.unwrap().shape, progress }).readonly();
