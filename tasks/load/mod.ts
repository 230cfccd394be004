/**
 * Sends many emails through the system and tells what became of them.
 *
 * A {@linkcode Pacer} says when an email is due, {@linkcode createEmailMix} writes it, {@linkcode generateLoad} posts it and has the
 * answer counted in a {@linkcode Tally}. Meanwhile {@linkcode settle} asks the archive and the broker ({@linkcode OutcomeCounts}) how many
 * emails have ended; {@linkcode readSample} reads some traces at the end; {@linkcode summarize} puts all of it together. Nothing
 * here grows with the number of emails. `main.ts` is the command.
 *
 * @module
 */
export * from "./email_mix.ts";
export * from "./outcome_counts.ts";
export * from "./generator.ts";
export * from "./latency_histogram.ts";
export * from "./pacer.ts";
export * from "./reservoir.ts";
export * from "./settle.ts";
export * from "./slowest.ts";
export * from "./summary.ts";
export * from "./tally.ts";
export * from "./trace_sample.ts";
