import { z } from "zod";

/** The parts of the playground that can be made to fail. */
export const FAULT_PARTS = [
  "smtp",
  "mailtrap-api",
  "rabbitmq",
  "mongodb",
  "zipkin",
  /** The spans on their way to the collector. */
  "spans",
  /** The services themselves, which their launcher starts again with other settings. */
  "services",
] as const;

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

/** Schema of a fault with its state: the control API's answer. */
export const faultSchema = z.object({
  /** Such as `smtp.reply`. */
  name: z.string(),
  part: z.enum(FAULT_PARTS),
  /** A title: who does what. */
  title: z.string(),
  /** One line: what happens. */
  explanation: z.string(),
  parameter: parameter.nullable(),
  lesson: z.number().nullable(),
  /** Its current setting; `null` while it is off. */
  active: z.object({
    /** The parameter's value; `null` without a parameter. */
    value: z.string().nullable(),
    /** The probability that it strikes, from 0 to 1. */
    probability: z.number(),
    /** An ISO date; `null`: until it is cleared. */
    endsAt: z.string().nullable(),
    /** How often it has struck since it was set. */
    hitCount: z.number(),
  }).readonly().nullable(),
}).readonly();

/** A fault with its state. */
export type Fault = z.output<typeof faultSchema>;

/** A fault that a stand-in can have. */
export type FaultDefinition = Omit<Fault, "name" | "active">;

/** The parameter of a fault. */
export type FaultParameter = z.output<typeof parameter>;

/** A forgotten fault ends within a day. */
const MAX_FOR_MS = 24 * 60 * 60 * 1000;

/** Schema of a fault's setting. */
export const settingSchema = z.object({
  /** The parameter's value. @default the parameter's default */
  value: z.string().optional(),
  /** From 0 to 1. @default 1 */
  probability: z.number().refine((probability) => probability >= 0 && probability <= 1, {
    error: ({ input }) => `the probability ${input} is not from 0 to 1; give one such as 0.3`,
  }).optional(),
  /** Milliseconds after which it ends. @default never */
  forMs: z.number().refine(
    (forMs) => Number.isInteger(forMs) && forMs > 0 && forMs <= MAX_FOR_MS,
    "the time is not from 1 ms to a day; give one such as 60s",
  ).optional(),
}).readonly();

/** The setting of a fault. */
export type FaultSetting = z.output<typeof settingSchema>;

/** The title of the control API's 404 for an unknown fault. Other 404s come from other servers. */
export const UNKNOWN_FAULT = "Unknown fault";
