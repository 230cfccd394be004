import document from "../faults.md" with { type: "text" };
import type { FaultDefinition, FaultParameter, FaultPart } from "./fault.ts";

/** Longer than every client's timeout. */
const MAX_DELAY_MS = 120_000;

const choice = <const Choice extends string>(choices: readonly Choice[], usual: NoInfer<Choice>) =>
  ({ type: "choice", choices, default: usual }) as const satisfies FaultParameter;

const integer = (unit: string, maximum: number, usual: number) =>
  ({
    type: "integer",
    unit,
    minimum: 1,
    maximum,
    default: usual,
  }) as const satisfies FaultParameter;

const delay = (usualMs: number) => integer("ms", MAX_DELAY_MS, usualMs);

const traceHeaders = choice(["strip", "malformed", "foreign"], "strip");

const SERVICES = ["message-server", "emailer", "mail-poller"] as const;

const spansOf = (usual: "any" | typeof SERVICES[number]) => choice(["any", ...SERVICES], usual);

/** Every fault of the stand-ins. Its section of `faults.md` says what it does and what you will see, and names its lesson. */
const FAULTS = {
  "smtp.connect-reply": {
    title: "Mailtrap hangs up at once",
    parameter: choice(["421", "554"], "421"),
  },
  "smtp.auth-reply": {
    title: "Mailtrap does not let the emailer in",
    parameter: choice(["421", "454", "535"], "454"),
  },
  "smtp.wrong-password": { title: "Mailtrap has another password" },
  "smtp.monthly-limit": { title: "Mailtrap: the month’s share is used up" },
  "smtp.recipient-reply": {
    title: "Mailtrap says: no such user",
    parameter: choice(["450", "451", "452", "550", "551", "552", "553"], "550"),
  },
  "smtp.reply": {
    title: "Mailtrap says: try later",
    parameter: choice(["421", "450", "451", "452", "550", "552", "554"], "451"),
  },
  "smtp.rate-limit": {
    title: "Mailtrap says: too many emails a second",
    parameter: integer("mails a second", 1_000, 1),
  },
  "smtp.delay": { title: "Mailtrap is slow", parameter: delay(2_000) },
  "smtp.drop-during-data": { title: "Mailtrap hangs up in the middle of a mail" },
  "smtp.drop-after-data": { title: "Mailtrap takes the mail, then hangs up" },
  "smtp.trace-headers": {
    title: "Mailtrap tampers with the trace in a mail",
    parameter: traceHeaders,
  },
  "mailtrap-api.reply": {
    title: "The inbox does not answer the poller",
    parameter: choice(["401", "403", "404", "429", "500", "503"], "429"),
  },
  "mailtrap-api.delay": { title: "The inbox is slow", parameter: delay(2_000) },
  "mailtrap-api.body": {
    title: "The inbox answers nonsense",
    parameter: choice(["garbled", "html"], "html"),
  },
  "mailtrap-api.no-mail": {
    title: "The inbox hands out something that is not a mail",
    parameter: choice(["text", "header", "html", "problem", "empty", "204"], "text"),
  },
  "mailtrap-api.half-mail": {
    title: "The inbox hands out half a mail",
    parameter: choice(["206", "short", "cut"], "short"),
  },
  "mailtrap-api.inbox-full": {
    title: "The inbox is full and drops mails",
    parameter: integer("mails", 10_000, 50),
  },
  "rabbitmq.refuse": { title: "RabbitMQ is down" },
  "rabbitmq.login": { title: "RabbitMQ refuses each login" },
  "rabbitmq.block": { title: "RabbitMQ is short of memory" },
  "rabbitmq.nack": { title: "RabbitMQ refuses each message" },
  "rabbitmq.return": { title: "RabbitMQ has no queue for the message" },
  "rabbitmq.no-confirm": { title: "RabbitMQ never confirms" },
  "rabbitmq.slow-confirm": { title: "RabbitMQ confirms late", parameter: delay(2_000) },
  "rabbitmq.slow-delivery": { title: "RabbitMQ delivers late", parameter: delay(2_000) },
  "rabbitmq.close-channel": { title: "RabbitMQ closes the channel" },
  "rabbitmq.no-cancel": { title: "RabbitMQ does not say that a queue is gone" },
  "rabbitmq.freeze": { title: "RabbitMQ is silent" },
  "rabbitmq.trace-headers": {
    title: "RabbitMQ tampers with the trace in a message",
    parameter: traceHeaders,
  },
  "mongodb.down": { title: "The database is down" },
  "mongodb.error": {
    title: "The database answers with an error",
    parameter: choice(
      ["OutOfDiskSpace", "InterruptedAtShutdown", "Unauthorized"],
      "OutOfDiskSpace",
    ),
  },
  "mongodb.not-primary": { title: "The database has no primary" },
  "mongodb.delay": { title: "The database is slow", parameter: delay(2_000) },
  "zipkin.reply": {
    title: "Zipkin answers with an error",
    parameter: choice(["400", "429", "500", "503"], "503"),
  },
  "zipkin.delay": { title: "Zipkin is slow", parameter: delay(1_000) },
  "zipkin.hang": { title: "Zipkin never answers" },
  "spans.lose": { title: "Spans are lost", parameter: spansOf("any") },
  "spans.clock-ahead": {
    title: "A service’s clock is ahead",
    parameter: choice(SERVICES, "emailer"),
  },
  "spans.late": { title: "Spans come late", parameter: spansOf("emailer") },
  "spans.twice": { title: "Spans come twice", parameter: spansOf("any") },
  "spans.share-id": { title: "Two spans have one id", parameter: spansOf("any") },
  "spans.tail-sampling": { title: "Only traces with an error are kept", parameter: delay(5_000) },
  "services.own-sampler": {
    title: "A service decides itself what is traced",
    parameter: choice(["emailer", "mail-poller"], "emailer"),
  },
} as const satisfies Readonly<Record<`${FaultPart}.${string}`, Entry>>;

/** A fault's entry in the catalogue; its name begins with its part. */
interface Entry {
  readonly title: string;
  readonly parameter?: FaultParameter;
}

/** The name of a fault. */
export type FaultName = keyof typeof FAULTS;

/** All names, in the order of the catalogue. */
export const FAULT_NAMES: readonly FaultName[] = Object.keys(FAULTS).filter(isFaultName);

/** Whether there is a fault of this name. */
export function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(FAULTS, name);
}

/** The sections of `faults.md`, by their headings. */
const SECTIONS: ReadonlyMap<string, string> = new Map(
  document.split(/^#{2,3} /m).map((section) => {
    const [heading = "", ...lines] = section.split("\n");
    return [heading.replaceAll("`", ""), lines.join("\n").trim()];
  }),
);

/** What `faults.md` says of a fault, in Markdown: its section without the heading. */
export function sectionOf(name: FaultName): string {
  return SECTIONS.get(name) ?? "";
}

/** The definition of a fault. */
export function definitionOf(name: FaultName): FaultDefinition {
  const { title, parameter }: Entry = FAULTS[name];
  // The keys' type guarantees this prefix.
  const part = name.slice(0, name.indexOf(".")) as FaultPart;
  // A section begins with the command, a colon, what the fault does, and its lesson.
  const beginning = sectionOf(name).split("\n\n", 1).join().replaceAll("\n", " ");
  const explanation = /: (.+?)\.(?: |$)/.exec(beginning)?.[1] ?? "";
  const lesson = /Lesson (\d+)/.exec(beginning)?.[1];
  return {
    part,
    title,
    explanation,
    parameter: parameter ?? null,
    lesson: lesson === undefined ? null : Number(lesson),
  };
}

type ValueOf<Parameter> = Parameter extends { readonly type: "integer" } ? number
  : Parameter extends { readonly choices: readonly (infer Choice)[] } ? Choice
  : true;

/** The result when a fault strikes: the value of its parameter, or `true`. */
export type FaultValue<Name extends FaultName> = ValueOf<
  typeof FAULTS[Name] extends { readonly parameter: infer Parameter } ? Parameter : null
>;
