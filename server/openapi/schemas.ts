import { archivedMail, emailDocument } from "@playground/shared/email";
import { zipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { z } from "zod";
import {
  deadLetterCommand,
  deadLetterList,
  deadLetterResults,
} from "../dead_letters/dead_letters_route.ts";
import { acceptedEmail } from "../email_route.ts";
import { exploredCharts, exploredEmails, exploredMap, exploredPoints } from "../explore/mod.ts";
import { problemBody } from "../problem.ts";
import { queueList } from "../queues_route.ts";
import { emailSummary, emailTrace, traceComparison } from "../trace_view/mod.ts";

const event = z.object({
  event: z.enum(["emails", "trace", "collector", "queues"]),
  data: z.string().meta({ contentMediaType: "application/json" }),
}).describe("One event of a stream (https://html.spec.whatwg.org/#server-sent-events)");

const spans = zipkinSpan.array().min(1);

// What the control API takes and answers, it defines itself.
const anyObject = z.looseObject({});
const fault = z.looseObject({
  name: z.string(),
  active: anyObject.nullable().describe("Its current setting; null while it is off"),
});
const lesson = z.looseObject({ lesson: anyObject.nullable() });

/** The schemas of answers and of bodies, by the names that the paths use. */
export const SCHEMAS = {
  Accepted: answer(acceptedEmail),
  EmailList: answer(z.object({ emails: z.array(emailSummary) })),
  EmailTrace: answer(emailTrace),
  TraceComparison: answer(traceComparison),
  ArchivedMail: answer(archivedMail),
  Event: answer(event),
  ExploredEmails: answer(exploredEmails),
  ExploredPoints: answer(exploredPoints),
  ExploredMap: answer(exploredMap),
  ExploredCharts: answer(exploredCharts),
  DeadLetterList: answer(deadLetterList),
  DeadLetterResults: answer(deadLetterResults),
  QueueList: answer(queueList),
  FaultList: answer(z.looseObject({ faults: z.array(fault) })),
  Fault: answer(fault),
  LessonList: answer(z.looseObject({ lessons: z.array(anyObject) })),
  GivenLesson: answer(lesson),
  Mystery: answer(z.looseObject({ mystery: anyObject.nullable() })),
  Problem: answer(problemBody),
  Email: body(emailDocument),
  Spans: body(
    z.union([spans, spans.array().min(1)])
      .describe("The spans of a trace, or a list of traces (https://zipkin.io/zipkin-api/)"),
  ),
  DeadLetterCommand: body(deadLetterCommand),
  FaultSetting: body(
    z.looseObject({
      value: z.string().describe("A value of the fault's parameter"),
      probability: z.number().describe("The probability that it strikes, 0 to 1"),
      forMs: z.int().describe("Milliseconds until it ends; absent: until it is cleared"),
    }).partial(),
  ),
  LessonRequest: body(anyObject),
  MysteryRequest: body(
    z.looseObject({
      seed: z.int().min(0).max(9_999),
      difficulty: z.enum(["easy", "medium", "hard"]),
    }).partial(),
  ),
  MysteryAnswer: body(z.looseObject({ hop: z.string(), cause: z.string() })),
};

export type SchemaName = keyof typeof SCHEMAS;

function answer(schema: z.ZodType) {
  // Zipkin defines the spans in a trace.
  return z.toJSONSchema(schema, { unrepresentable: "any", override: unifyPair });
}

function body(schema: z.ZodType) {
  return z.toJSONSchema(schema, { io: "input" });
}

/** Describes a pair of numbers without `prefixItems`, which not every tool understands. */
function unifyPair({ jsonSchema }: { readonly jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  const [first] = jsonSchema.prefixItems ?? [];
  if (first === undefined) return;
  jsonSchema.items = first;
  delete jsonSchema.prefixItems;
}
