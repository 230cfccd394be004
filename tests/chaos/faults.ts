import { SERVICE_NAMES, type ServiceName } from "@playground/tasks/system";

/** How many of each service run at once. */
export const SERVICE_COUNTS: Readonly<Record<ServiceName, number>> = {
  "message-server": 2,
  emailer: 3,
  "mail-poller": 2,
};

export const COMPONENTS = ["broker", "database", "collector", "mailtrap"] as const;

export type Component = typeof COMPONENTS[number];

/** The links between the services and what stands behind them; each leads through a proxy. */
export const LINKS = [
  "message-server to broker",
  "emailer to broker",
  "emailer to mail server",
  "mail-poller to database",
  "services to collector",
] as const;

export type Link = typeof LINKS[number];

/** The links that end at a component. The Mailtrap API has a proxy of its own kind. */
export const LINKS_TO: Readonly<Record<Component, readonly Link[]>> = {
  broker: ["message-server to broker", "emailer to broker"],
  database: ["mail-poller to database"],
  collector: ["services to collector"],
  mailtrap: ["emailer to mail server"],
};

export const API_ANSWERS = [
  "429",
  "500",
  "garbage",
  "slow",
  "a success that is no mail",
  "half a mail",
] as const;

export type ApiAnswer = typeof API_ANSWERS[number];

/** What the mail server may do to logins and mails. */
export const SMTP_FAILURES = [
  "wrong password",
  "monthly limit",
  "451 at times",
  "rate limit",
  "cut before the end of a mail",
  "cut after the end of a mail",
  "250 very late",
] as const;

export type SmtpFailure = typeof SMTP_FAILURES[number];

/** Before somebody deletes the queue of the emailers, it has so much time to become empty, since all attempts at an email take six seconds. */
export const EMPTY_TIMEOUT_MS = 16_000;

export type Fault =
  /** SIGKILL of one service, such as `emailer 2`; it is started again. */
  | { readonly kind: "kill"; readonly target: string }
  /** SIGTERM of one service, to whose port a caller has sent half a request; it is started again. */
  | { readonly kind: "stop"; readonly target: string }
  /** SIGKILL of a stand-in, which is started again with its state; nobody reaches a real component for a moment instead. */
  | { readonly kind: "restart"; readonly target: Component }
  | { readonly kind: "cut"; readonly target: Link }
  /** Frozen, nothing comes back, and at the end the connections break. */
  | { readonly kind: "refuse" | "freeze"; readonly target: Link; readonly durationMs: number }
  | {
    readonly kind: "delay";
    readonly target: Link;
    readonly delayMs: number;
    readonly durationMs: number;
  }
  | { readonly kind: "api"; readonly target: ApiAnswer; readonly durationMs: number }
  | { readonly kind: "smtp"; readonly target: SmtpFailure; readonly durationMs: number }
  /** Somebody deletes the queue of the emailers, when it is empty, and the next emails come at once. */
  | { readonly kind: "delete queue" };

/** The names of all processes of services: `emailer 1`, `emailer 2`, … */
export const SERVICE_TARGETS: readonly string[] = SERVICE_NAMES.flatMap((service) =>
  Array.from({ length: SERVICE_COUNTS[service] }, (_, index) => targetName(service, index))
);

export function targetName(service: ServiceName, index: number): string {
  return `${service} ${index + 1}`;
}

/** Says what kind of fault it is, for counting: without moments and durations. */
export function faultKind(fault: Fault): string {
  if (fault.kind === "delete queue") return fault.kind;
  const what = `${fault.kind} ${fault.target}`;
  return fault.kind === "stop" ? `${what}, with half-sent request` : what;
}

export function describeFault(fault: Fault): string {
  const delay = fault.kind === "delay" ? ` by ${fault.delayMs} ms` : "";
  const duration = "durationMs" in fault ? `, for ${fault.durationMs} ms` : "";
  return faultKind(fault) + delay + duration;
}

/** Whether a component cannot be reached over a link, or not as quickly as usual. */
export function isOutage(fault: Fault, component: Component, link: Link): boolean {
  if (fault.kind === "delete queue") return false;
  return fault.target === (fault.kind === "restart" ? component : link);
}

/** Whether a fault makes the broker deliver messages again that were delivered already. */
function causesRedelivery(fault: Fault): boolean {
  if (fault.kind === "kill" || fault.kind === "stop") return fault.target.startsWith("emailer");
  return fault.kind !== "delay" && isOutage(fault, "broker", "emailer to broker");
}

export interface FaultRecord {
  readonly fault: Fault;
  /** Milliseconds since 1970. */
  readonly fromMs: number;
  /** Milliseconds since 1970; `Infinity` while it is not over. */
  toMs: number;
}

export interface FaultFigures {
  readonly count: number;
  readonly longestMs: number;
}

/** Takes down what was done to the system. */
export class FaultLog {
  readonly #now: () => number;
  readonly #records: FaultRecord[] = [];

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  get records(): readonly FaultRecord[] {
    return this.#records;
  }

  get figures(): ReadonlyMap<string, FaultFigures> {
    const byKind = Map.groupBy(this.#records, ({ fault }) => faultKind(fault));
    return new Map(
      [...byKind].map(([kind, records]) => {
        const over = records.filter(({ toMs }) => Number.isFinite(toMs));
        const longestMs = Math.max(0, ...over.map(({ fromMs, toMs }) => toMs - fromMs));
        return [kind, { count: records.length, longestMs }];
      }),
    );
  }

  get redeliveries(): number {
    return this.#records.filter(({ fault }) => causesRedelivery(fault)).length;
  }

  begin(fault: Fault): () => void {
    const record: FaultRecord = { fault, fromMs: this.#now(), toMs: Infinity };
    this.#records.push(record);
    return () => record.toMs = this.#now();
  }
}
