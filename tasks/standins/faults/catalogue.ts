import type { FaultDefinition, FaultParameter } from "./fault.ts";

/** A client has to give up before a delay of this length is over. */
const MAX_DELAY_MS = 120_000;

const delay = (defaultMs: number) =>
  ({
    type: "integer",
    unit: "ms",
    minimum: 1,
    maximum: MAX_DELAY_MS,
    default: defaultMs,
  }) as const satisfies FaultParameter;

/** Every fault that a stand-in can have. `tasks/standins/faults.md` tells of each what one will see, and why. */
export const FAULTS = {
  "smtp.connect-reply": {
    part: "smtp",
    explanation: "greets a client with this code and hangs up",
    parameter: { type: "choice", choices: ["421", "554"], default: "421" },
    lesson: null,
  },
  "smtp.auth-reply": {
    part: "smtp",
    explanation: "answers a login with this code, though the password is right",
    parameter: { type: "choice", choices: ["421", "454", "535"], default: "454" },
    lesson: null,
  },
  "smtp.wrong-password": {
    part: "smtp",
    explanation: "takes no password: 535, as if it had been changed at Mailtrap",
    parameter: null,
    lesson: 7,
  },
  "smtp.monthly-limit": {
    part: "smtp",
    explanation: "refuses each login, since the account has sent its share of the month",
    parameter: null,
    lesson: null,
  },
  "smtp.recipient-reply": {
    part: "smtp",
    explanation: "answers RCPT TO with this code: 4xx for now, 5xx for good",
    parameter: {
      type: "choice",
      choices: ["450", "451", "452", "550", "551", "552", "553"],
      default: "550",
    },
    lesson: 4,
  },
  "smtp.reply": {
    part: "smtp",
    explanation: "answers a mail with this code and does not keep it: 4xx for now, 5xx for good",
    parameter: {
      type: "choice",
      choices: ["421", "450", "451", "452", "550", "552", "554"],
      default: "451",
    },
    lesson: 3,
  },
  "smtp.rate-limit": {
    part: "smtp",
    explanation: "refuses what is more than so many mails a second, with Mailtrap's 550",
    parameter: {
      type: "integer",
      unit: "mails a second",
      minimum: 1,
      maximum: 1_000,
      default: 1,
    },
    lesson: 6,
  },
  "smtp.delay": {
    part: "smtp",
    explanation: "takes so long to answer a mail",
    parameter: delay(2_000),
    lesson: null,
  },
  "smtp.drop-during-data": {
    part: "smtp",
    explanation: "cuts the connection in the middle of a mail, which is lost",
    parameter: null,
    lesson: null,
  },
  "smtp.drop-after-data": {
    part: "smtp",
    explanation: "keeps a mail, then cuts the connection before it says so",
    parameter: null,
    lesson: 5,
  },
  "mailtrap-api.reply": {
    part: "mailtrap-api",
    explanation: "answers each request with this status; 429 with Retry-After of 3 seconds",
    parameter: {
      type: "choice",
      choices: ["401", "403", "404", "429", "500", "503"],
      default: "429",
    },
    lesson: 10,
  },
  "mailtrap-api.delay": {
    part: "mailtrap-api",
    explanation: "takes so long to answer a request",
    parameter: delay(2_000),
    lesson: null,
  },
  "mailtrap-api.body": {
    part: "mailtrap-api",
    explanation: "answers 200 with a body that is none: cut-off JSON, or a proxy's HTML page",
    parameter: { type: "choice", choices: ["garbled", "html"], default: "html" },
    lesson: null,
  },
  "mailtrap-api.no-mail": {
    part: "mailtrap-api",
    explanation: "answers body.eml with a success that is no mail, as a gateway on the way may",
    parameter: {
      type: "choice",
      choices: ["text", "header", "html", "problem", "empty", "204"],
      default: "text",
    },
    lesson: null,
  },
  "mailtrap-api.half-mail": {
    part: "mailtrap-api",
    explanation:
      "answers body.eml with the first half of the mail: as a 206, as if it were all, or cut off",
    parameter: { type: "choice", choices: ["206", "short", "cut"], default: "short" },
    lesson: null,
  },
  "mailtrap-api.inbox-full": {
    part: "mailtrap-api",
    explanation: "drops the oldest mail for each one beyond so many, as Mailtrap does: LOSES MAIL",
    parameter: { type: "integer", unit: "mails", minimum: 1, maximum: 10_000, default: 50 },
    lesson: null,
  },
  "rabbitmq.refuse": {
    part: "rabbitmq",
    explanation: "cuts every connection and takes no new one: the broker is down",
    parameter: null,
    lesson: null,
  },
  "rabbitmq.login": {
    part: "rabbitmq",
    explanation: "refuses each new login with 403 ACCESS_REFUSED",
    parameter: null,
    lesson: null,
  },
  "rabbitmq.block": {
    part: "rabbitmq",
    explanation: "tells its clients that it is short of memory and takes no messages for now",
    parameter: null,
    lesson: null,
  },
  "rabbitmq.nack": {
    part: "rabbitmq",
    explanation: "refuses a published message with basic.nack",
    parameter: null,
    lesson: 8,
  },
  "rabbitmq.return": {
    part: "rabbitmq",
    explanation: "returns a published message, as if no queue were bound",
    parameter: null,
    lesson: null,
  },
  "rabbitmq.no-confirm": {
    part: "rabbitmq",
    explanation: "keeps a published message and never says so",
    parameter: null,
    lesson: 9,
  },
  "rabbitmq.slow-confirm": {
    part: "rabbitmq",
    explanation: "confirms a published message so late",
    parameter: delay(2_000),
    lesson: null,
  },
  "rabbitmq.slow-delivery": {
    part: "rabbitmq",
    explanation: "hands a message to its consumer so late",
    parameter: delay(2_000),
    lesson: 2,
  },
  "rabbitmq.close-channel": {
    part: "rabbitmq",
    explanation: "closes the channel of whoever publishes a message, which is lost",
    parameter: null,
    lesson: null,
  },
  "rabbitmq.no-cancel": {
    part: "rabbitmq",
    explanation: "tells no consumer that its queue was deleted",
    parameter: null,
    lesson: null,
  },
  "rabbitmq.freeze": {
    part: "rabbitmq",
    explanation: "says nothing any more and hangs up on nobody: the network swallows it",
    parameter: null,
    lesson: null,
  },
  "mongodb.down": {
    part: "mongodb",
    explanation: "cuts the connection of whoever says anything: the database is down",
    parameter: null,
    lesson: 12,
  },
  "mongodb.error": {
    part: "mongodb",
    explanation: "answers each command on data with this error",
    parameter: {
      type: "choice",
      choices: ["OutOfDiskSpace", "InterruptedAtShutdown", "Unauthorized"],
      default: "OutOfDiskSpace",
    },
    lesson: null,
  },
  "mongodb.not-primary": {
    part: "mongodb",
    explanation: "refuses each write, as a member of a replica set that is not the primary",
    parameter: null,
    lesson: null,
  },
  "mongodb.delay": {
    part: "mongodb",
    explanation: "takes so long for a command on data",
    parameter: delay(2_000),
    lesson: 11,
  },
  "zipkin.reply": {
    part: "zipkin",
    explanation: "answers spans and queries with this status; 400 makes the spans lost",
    parameter: { type: "choice", choices: ["400", "429", "500", "503"], default: "503" },
    lesson: 13,
  },
  "zipkin.delay": {
    part: "zipkin",
    explanation: "takes so long to answer spans and queries",
    parameter: delay(1_000),
    lesson: null,
  },
  "zipkin.hang": {
    part: "zipkin",
    explanation: "takes requests and never answers them",
    parameter: null,
    lesson: null,
  },
} as const satisfies Readonly<Record<string, FaultDefinition>>;

/** The name of a fault. */
export type FaultName = keyof typeof FAULTS;

/** All names, in the order of the catalogue. */
export const FAULT_NAMES: readonly FaultName[] = Object.keys(FAULTS).filter(isFaultName);

/** Tells whether there is such a fault. */
export function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(FAULTS, name);
}

type ValueOf<Parameter> = Parameter extends { readonly type: "integer" } ? number
  : Parameter extends { readonly choices: readonly (infer Choice)[] } ? Choice
  : true;

/** What a stand-in learns when a fault strikes: the value of its parameter, or just `true`. */
export type FaultValue<Name extends FaultName> = ValueOf<typeof FAULTS[Name]["parameter"]>;
