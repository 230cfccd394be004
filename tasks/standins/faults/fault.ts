import { z } from "zod";

/** The parts of the playground that can be made to fail. */
export const FAULT_PARTS = ["smtp", "mailtrap-api", "rabbitmq", "mongodb", "zipkin"] as const;

/** One of {@linkcode FAULT_PARTS}. */
export type FaultPart = typeof FAULT_PARTS[number];

const parameter = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("choice"),
    choices: z.array(z.string()).readonly(),
    default: z.string(),
  }).readonly(),
  z.object({
    type: z.literal("integer"),
    /** What is counted, such as `ms`. */
    unit: z.string(),
    minimum: z.number(),
    maximum: z.number(),
    default: z.number(),
  }).readonly(),
]);

/** Reads a fault with its state: what the control API answers. */
export const faultSchema = z.object({
  /** Such as `smtp.reply`. */
  name: z.string(),
  /** Who fails. */
  part: z.enum(FAULT_PARTS),
  /** What people call it: who does what. */
  title: z.string(),
  /** One line: what happens. */
  explanation: z.string(),
  /** What may be chosen, beside that it happens. */
  parameter: parameter.nullable(),
  /** The number of the lesson that shows it. */
  lesson: z.number().nullable(),
  /** How it is at work; `null` while it is off. */
  active: z.object({
    /** That of its parameter; `null` where it has none. */
    value: z.string().nullable(),
    /** How often it happens where it could, from 0 to 1. */
    probability: z.number(),
    /** An ISO date; `null`: it ends when it is cleared. */
    endsAt: z.string().nullable(),
    /** How often it has happened since it was set. */
    hitCount: z.number(),
  }).readonly().nullable(),
}).readonly();

/** A fault with its state. */
export type Fault = z.output<typeof faultSchema>;

/** A fault that a stand-in can have. */
export type FaultDefinition = Omit<Fault, "name" | "active">;

/** What may be chosen about a fault. */
export type FaultParameter = z.output<typeof parameter>;

/** Whoever forgets a fault should not wonder for longer than a day. */
const MAX_FOR_MS = 24 * 60 * 60 * 1000;

/** Reads how a fault is to be set. */
export const settingSchema = z.object({
  /** That of its parameter. @default the parameter's own */
  value: z.string().optional(),
  /** From 0 to 1. @default 1 */
  probability: z.number().refine((probability) => probability >= 0 && probability <= 1, {
    error: ({ input }) => `the probability ${input} is not from 0 to 1; give one such as 0.3`,
  }).optional(),
  /** After how many milliseconds it ends by itself. @default it does not */
  forMs: z.number().refine(
    (forMs) => Number.isInteger(forMs) && forMs > 0 && forMs <= MAX_FOR_MS,
    "the time is not from 1 ms to a day; give one such as 60s",
  ).optional(),
}).readonly();

/** How a fault is to be set. */
export type FaultSetting = z.output<typeof settingSchema>;

/** The title of the control API's answer about a fault that no stand-in has: another 404 is somebody else's. */
export const UNKNOWN_FAULT = "Unknown fault";
