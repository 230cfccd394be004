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

export type Fault =
  /** SIGKILL of one service, such as `emailer 2`; it is started again. */
  | { readonly kind: "kill"; readonly target: string }
  /** SIGTERM of one service, to whose port a caller has sent half a request; it is started again. */
  | { readonly kind: "stop"; readonly target: string }
  /** SIGKILL of a stand-in, which is started again with its state; nobody reaches a real component for a moment instead. */
  | { readonly kind: "restart"; readonly component: Component }
  | { readonly kind: "cut"; readonly link: Link }
  | { readonly kind: "refuse"; readonly link: Link; readonly durationMs: number }
  /** Nothing comes back, and at the end the connections break. */
  | { readonly kind: "freeze"; readonly link: Link; readonly durationMs: number }
  | {
    readonly kind: "delay";
    readonly link: Link;
    readonly delayMs: number;
    readonly durationMs: number;
  }
  | { readonly kind: "api"; readonly answer: ApiAnswer; readonly durationMs: number }
  | { readonly kind: "smtp"; readonly failure: SmtpFailure; readonly durationMs: number }
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
  switch (fault.kind) {
    case "kill":
      return `kill ${fault.target}`;
    case "stop":
      return `stop ${fault.target}, with half-sent request`;
    case "restart":
      return `restart ${fault.component}`;
    case "api":
      return `api ${fault.answer}`;
    case "smtp":
      return `smtp ${fault.failure}`;
    case "delete queue":
      return fault.kind;
    default:
      return `${fault.kind} ${fault.link}`;
  }
}

export function describeFault(fault: Fault): string {
  const delay = fault.kind === "delay" ? ` by ${fault.delayMs} ms` : "";
  const duration = "durationMs" in fault ? `, for ${fault.durationMs} ms` : "";
  return faultKind(fault) + delay + duration;
}

/** Tells whether a fault makes the broker deliver messages again that were delivered already. */
export function causesRedelivery(fault: Fault): boolean {
  switch (fault.kind) {
    case "kill":
    case "stop":
      return fault.target.startsWith("emailer");
    case "restart":
      return fault.component === "broker";
    case "cut":
    case "refuse":
    case "freeze":
      return fault.link === "emailer to broker";
    default:
      return false;
  }
}
