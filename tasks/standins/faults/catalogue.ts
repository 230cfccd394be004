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

/** Every fault of the stand-ins. `tasks/standins/faults.md` explains, for each, what you will see and why. */
const DEFINITIONS = {
  "smtp.connect-reply": {
    title: "Mailtrap hangs up at once",
    explanation: "greets a client with this code and hangs up",
    parameter: choice(["421", "554"], "421"),
  },
  "smtp.auth-reply": {
    title: "Mailtrap does not let the emailer in",
    explanation: "answers a login with this code, though the password is right",
    parameter: choice(["421", "454", "535"], "454"),
  },
  "smtp.wrong-password": {
    title: "Mailtrap has another password",
    explanation: "rejects every password with 535, as if it had been changed at Mailtrap",
    lesson: 7,
  },
  "smtp.monthly-limit": {
    title: "Mailtrap: the month’s share is used up",
    explanation: "refuses each login, since the account has sent its share of the month",
  },
  "smtp.recipient-reply": {
    title: "Mailtrap says: no such user",
    explanation: "answers RCPT TO with this code: 4xx for now, 5xx for good",
    parameter: choice(["450", "451", "452", "550", "551", "552", "553"], "550"),
    lesson: 4,
  },
  "smtp.reply": {
    title: "Mailtrap says: try later",
    explanation: "answers a mail with this code and does not keep it: 4xx for now, 5xx for good",
    parameter: choice(["421", "450", "451", "452", "550", "552", "554"], "451"),
    lesson: 3,
  },
  "smtp.rate-limit": {
    title: "Mailtrap says: too many emails a second",
    explanation: "refuses mails above this rate with Mailtrap's 550",
    parameter: integer("mails a second", 1_000, 1),
    lesson: 6,
  },
  "smtp.delay": {
    title: "Mailtrap is slow",
    explanation: "waits this long before answering a mail",
    parameter: delay(2_000),
  },
  "smtp.drop-during-data": {
    title: "Mailtrap hangs up in the middle of a mail",
    explanation: "cuts the connection in the middle of a mail, which is lost",
    lesson: 28,
  },
  "smtp.drop-after-data": {
    title: "Mailtrap takes the mail, then hangs up",
    explanation: "keeps a mail, then cuts the connection before its reply",
    lesson: 5,
  },
  "smtp.trace-headers": {
    title: "Mailtrap tampers with the trace in a mail",
    explanation: "removes a mail's trace headers, makes them unreadable, or puts others there",
    parameter: traceHeaders,
    lesson: 17,
  },
  "mailtrap-api.reply": {
    title: "The inbox does not answer the poller",
    explanation: "answers each request with this status; 429 with Retry-After of 3 seconds",
    parameter: choice(["401", "403", "404", "429", "500", "503"], "429"),
    lesson: 10,
  },
  "mailtrap-api.delay": {
    title: "The inbox is slow",
    explanation: "waits this long before answering a request",
    parameter: delay(2_000),
  },
  "mailtrap-api.body": {
    title: "The inbox answers nonsense",
    explanation: "answers 200 with a wrong body: cut-off JSON, or a proxy's HTML page",
    parameter: choice(["garbled", "html"], "html"),
  },
  "mailtrap-api.no-mail": {
    title: "The inbox hands out something that is not a mail",
    explanation: "answers body.eml with a success that is not a mail, as a gateway on the way may",
    parameter: choice(["text", "header", "html", "problem", "empty", "204"], "text"),
  },
  "mailtrap-api.half-mail": {
    title: "The inbox hands out half a mail",
    explanation:
      "answers body.eml with the first half of the mail: as a 206, as if it were all, or cut off",
    parameter: choice(["206", "short", "cut"], "short"),
  },
  "mailtrap-api.inbox-full": {
    title: "The inbox is full and drops mails",
    explanation: "drops the oldest mail above this number, as Mailtrap does: LOSES MAIL",
    parameter: integer("mails", 10_000, 50),
  },
  "rabbitmq.refuse": {
    title: "RabbitMQ is down",
    explanation: "cuts every connection and takes no new one: the broker is down",
  },
  "rabbitmq.login": {
    title: "RabbitMQ refuses each login",
    explanation: "refuses each new login with 403 ACCESS_REFUSED",
  },
  "rabbitmq.block": {
    title: "RabbitMQ is short of memory",
    explanation: "tells its clients that it is short of memory and accepts no messages",
  },
  "rabbitmq.nack": {
    title: "RabbitMQ refuses each message",
    explanation: "refuses a published message with basic.nack",
    lesson: 8,
  },
  "rabbitmq.return": {
    title: "RabbitMQ has no queue for the message",
    explanation: "returns a published message, as if no queue were bound",
  },
  "rabbitmq.no-confirm": {
    title: "RabbitMQ never confirms",
    explanation: "keeps a published message and never confirms it",
    lesson: 9,
  },
  "rabbitmq.slow-confirm": {
    title: "RabbitMQ confirms late",
    explanation: "confirms a published message this late",
    parameter: delay(2_000),
  },
  "rabbitmq.slow-delivery": {
    title: "RabbitMQ delivers late",
    explanation: "hands a message to its consumer this late",
    parameter: delay(2_000),
    lesson: 2,
  },
  "rabbitmq.close-channel": {
    title: "RabbitMQ closes the channel",
    explanation: "closes the channel on which a message is published; the message is lost",
  },
  "rabbitmq.no-cancel": {
    title: "RabbitMQ does not say that a queue is gone",
    explanation: "tells no consumer that its queue was deleted",
  },
  "rabbitmq.freeze": {
    title: "RabbitMQ is silent",
    explanation: "goes silent without closing connections: the network drops everything",
  },
  "rabbitmq.trace-headers": {
    title: "RabbitMQ tampers with the trace in a message",
    explanation: "removes a message's trace headers, makes them unreadable, or puts others there",
    parameter: traceHeaders,
    lesson: 16,
  },
  "mongodb.down": {
    title: "The database is down",
    explanation: "cuts each connection at its first request: the database is down",
    lesson: 12,
  },
  "mongodb.error": {
    title: "The database answers with an error",
    explanation: "answers each command on data with this error",
    parameter: choice(
      ["OutOfDiskSpace", "InterruptedAtShutdown", "Unauthorized"],
      "OutOfDiskSpace",
    ),
  },
  "mongodb.not-primary": {
    title: "The database has no primary",
    explanation: "refuses each write, as a member of a replica set that is not the primary",
  },
  "mongodb.delay": {
    title: "The database is slow",
    explanation: "waits this long before executing a command on data",
    parameter: delay(2_000),
    lesson: 11,
  },
  "zipkin.reply": {
    title: "Zipkin answers with an error",
    explanation: "answers spans and queries with this status; 400 makes the spans lost",
    parameter: choice(["400", "429", "500", "503"], "503"),
    lesson: 13,
  },
  "zipkin.delay": {
    title: "Zipkin is slow",
    explanation: "waits this long before answering spans and queries",
    parameter: delay(1_000),
  },
  "zipkin.hang": {
    title: "Zipkin never answers",
    explanation: "takes requests and never answers them",
  },
  "spans.lose": {
    title: "Spans are lost",
    explanation: "loses spans of one service, or of any",
    parameter: spansOf("any"),
    lesson: 24,
  },
  "spans.clock-ahead": {
    title: "A service’s clock is ahead",
    explanation: "makes the times of one service's spans two seconds late",
    parameter: choice(SERVICES, "emailer"),
    lesson: 23,
  },
  "spans.late": {
    title: "Spans come late",
    explanation: "delays spans of one service, or of any, by five seconds",
    parameter: spansOf("emailer"),
    lesson: 26,
  },
  "spans.twice": {
    title: "Spans come twice",
    explanation: "forwards spans of one service, or of any, twice",
    parameter: spansOf("any"),
    lesson: 26,
  },
  "spans.share-id": {
    title: "Two spans have one id",
    explanation: "gives all spans of a trace that have no child the same id",
    parameter: spansOf("any"),
    lesson: 27,
  },
  "spans.tail-sampling": {
    title: "Only traces with an error are kept",
    explanation:
      "keeps traces with an error or a slow request, decided this long after their start",
    parameter: delay(5_000),
    lesson: 22,
  },
  "services.own-sampler": {
    title: "A service decides itself what is traced",
    explanation: "restarts a service so that it samples by its own ratio",
    parameter: choice(["emailer", "mail-poller"], "emailer"),
    lesson: 20,
  },
} as const satisfies Readonly<Record<`${FaultPart}.${string}`, Definition>>;

/** A fault's entry in the catalogue; its name begins with its part. */
type Definition = Pick<FaultDefinition, "title" | "explanation"> & Partial<FaultDefinition>;

/** The name of a fault. */
export type FaultName = keyof typeof DEFINITIONS;

/** All names, in the order of the catalogue. */
export const FAULT_NAMES: readonly FaultName[] = Object.keys(DEFINITIONS).filter(isFaultName);

/** Whether there is a fault of this name. */
export function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(DEFINITIONS, name);
}

/** The definition of a fault. */
export function definitionOf(name: FaultName): FaultDefinition {
  const { title, explanation, parameter = null, lesson = null }: Definition = DEFINITIONS[name];
  // The keys' type guarantees this prefix.
  const part = name.slice(0, name.indexOf(".")) as FaultPart;
  return { part, title, explanation, parameter, lesson };
}

type ValueOf<Parameter> = Parameter extends { readonly type: "integer" } ? number
  : Parameter extends { readonly choices: readonly (infer Choice)[] } ? Choice
  : true;

/** The result when a fault strikes: the value of its parameter, or `true`. */
export type FaultValue<Name extends FaultName> = ValueOf<
  typeof DEFINITIONS[Name] extends { readonly parameter: infer Parameter } ? Parameter : null
>;
