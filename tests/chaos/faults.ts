import { sleep } from "@playground/shared/time";
import type { FaultName, FaultSetting } from "@playground/tasks/faults";
import { SERVICE_NAMES, type ServiceName } from "@playground/tasks/system";
import { HALF_BODY, HalfSentRequests } from "../fixture/half_sent_requests.ts";
import type { SeededRandom } from "../fixture/random.ts";
import type { TcpProxy } from "../fixture/tcp_proxy.ts";
import type { ChaosSystem } from "./system.ts";

export const PROCESSES: Readonly<Record<ServiceName, readonly string[]>> = {
  "message-server": ["message-server 1", "message-server 2"],
  emailer: ["emailer 1", "emailer 2", "emailer 3"],
  "mail-poller": ["mail-poller 1", "mail-poller 2"],
};

export const COMPONENTS = ["broker", "database", "collector", "mailtrap"] as const;

export type Component = typeof COMPONENTS[number];

/** The links between the services and their backing services, each through a proxy, and the component at its end. */
const LINKS = {
  "message-server to broker": "broker",
  "emailer to broker": "broker",
  "emailer to mail server": "mailtrap",
  "mail-poller to database": "database",
  "services to collector": "collector",
} as const satisfies Readonly<Record<string, Component>>;

export type Link = keyof typeof LINKS;

/** What a fault does, for the checks at the end. */
export interface FaultFacts {
  /** Process of a service: `kill`, `stop`; component: `restart`; link: `cut`, `refuse`, `freeze`, `delay`. */
  readonly kind: "kill" | "stop" | "restart" | "cut" | "refuse" | "freeze" | "delay" | "mailtrap";
  /** A process, a component, a link, or what Mailtrap does. */
  readonly target: string;
  /** The mail server's replies to mails that it refuses meanwhile. */
  readonly reply?: RegExp | undefined;
}

export interface Fault extends FaultFacts {
  /** How long it lasts; 0 if it is over at once. */
  readonly durationMs: number;
  /** Does it, and undoes it after its duration. Calls `begin` when it begins, with further details if there are any. */
  readonly inject: (
    system: ChaosSystem,
    begin: (detail?: string) => void,
    signal: AbortSignal,
  ) => Promise<void>;
}

export interface FaultRecord extends FaultFacts {
  /** Milliseconds since 1970, as the end. */
  readonly fromMs: number;
  readonly toMs: number;
}

export function faultName({ kind, target }: FaultFacts): string {
  return `${kind} ${target}`;
}

/** Whether a component cannot be reached over a link, or not as quickly as usual. */
export function isOutage({ kind, target }: FaultFacts, link: Link): boolean {
  return target === (kind === "restart" ? LINKS[link] : link);
}

type MailtrapFault = readonly [what: string, FaultName, FaultSetting, reply?: RegExp];

/** Mailtrap's behaviour for some time: faults of its stand-in, and the resulting replies. */
const MAILTRAP_FAULTS: readonly MailtrapFault[] = [
  ["API 429", "mailtrap-api.reply", { value: "429" }],
  // Mails of a poll under way must survive it.
  ["API 500 at times", "mailtrap-api.reply", { value: "500", probability: 0.3 }],
  ["API garbage at times", "mailtrap-api.body", { value: "html", probability: 0.3 }],
  ["API slow", "mailtrap-api.delay", { value: "700" }],
  ["wrong password", "smtp.wrong-password", {}],
  ["monthly limit", "smtp.monthly-limit", {}],
  ["451 at times", "smtp.reply", { value: "451", probability: 0.3 }, /^451 4\.3\.0 /],
  ["rate limit", "smtp.rate-limit", { value: "10" }, /^550 5\.7\.0 .*too many emails per second/],
  ["cut before the end of a mail", "smtp.drop-during-data", { probability: 0.2 }, /^451 4\.4\.2 /],
  ["cut after the end of a mail", "smtp.drop-after-data", { probability: 0.2 }],
  // Longer than any other answer, shorter than the emailers' patience (system.ts).
  ["250 very late", "smtp.delay", { value: "4000" }],
];
/** Faults of the login only, which open connections do not notice. */
const LOGIN_FAULTS: readonly FaultName[] = ["smtp.wrong-password", "smtp.monthly-limit"];
/** Successful answers of the API that are not a mail, or half of one. */
const NO_MAILS = ["text", "header", "html", "problem", "empty", "204"] as const;
const HALF_MAILS = ["206", "short", "cut"] as const;

export function oneOfEach(random: SeededRandom, isCluster: boolean): readonly Fault[] {
  const durationMs = () => random.between(500, 4_000);
  const delayMs = random.between(20, 300);
  const noMail = random.pick(NO_MAILS);
  const half = random.pick(HALF_MAILS);
  const links = Object.keys(LINKS) as Link[];
  return [
    ...SERVICE_NAMES.flatMap((service) => PROCESSES[service])
      .map((process) => endService("kill", process)),
    ...SERVICE_NAMES.map((service) => endService("stop", random.pick(PROCESSES[service]))),
    ...COMPONENTS.map(restart),
    // In a cluster, the loss of the leader matters most.
    ...(isCluster ? [restart("broker"), restart("broker")] : []),
    ...links.map((link) => onLink("cut", link, 0, (proxy) => proxy.cut())),
    ...links.map((link) =>
      random.pick([
        onLink("refuse", link, durationMs(), (proxy) => proxy.refuse(), (proxy) => proxy.accept()),
        onLink("freeze", link, durationMs(), (proxy) => proxy.freeze(), (proxy) => proxy.thaw()),
        onLink("delay", link, durationMs(), (p) => p.delay(delayMs), (p) => p.delay(0)),
      ])
    ),
    ...MAILTRAP_FAULTS.map((fault) => mailtrap(fault, durationMs())),
    mailtrap([`no mail, ${noMail}`, "mailtrap-api.no-mail", { value: noMail }], durationMs()),
    mailtrap([`half a mail, ${half}`, "mailtrap-api.half-mail", { value: half }], durationMs()),
  ];
}

/**
 * SIGKILL or SIGTERM of a process of a service, which is started again. Before a SIGTERM, a caller sends half a request to its port.
 */
function endService(kind: "kill" | "stop", target: string): Fault {
  return {
    kind,
    target,
    durationMs: 0,
    async inject({ services }, begin, signal) {
      const service = services.find(({ process }) => process.name === target);
      if (service === undefined) throw new RangeError(`Cannot ${kind} ${target}: no such process`);
      const { process, url } = service;
      if (kind === "stop") await process.untilAlive(signal);
      if (signal.aborted) return;
      begin(kind === "stop" ? "with a half-sent request" : undefined);
      using _caller = kind === "stop"
        ? await HalfSentRequests.open(url.href, HALF_BODY, 1)
        : undefined;
      await process[kind]();
      await process.untilAlive(signal);
    },
  };
}

/**
 * SIGKILL of a backing service, which is restarted with its state; in a cluster, of the node that leads the queue. Foreign
 * components are left alone.
 */
function restart(target: Component): Fault {
  return {
    kind: "restart",
    target,
    durationMs: 0,
    async inject({ components }, begin, signal) {
      const { processes = [], queueMembers } = components.get(target) ?? {};
      // The loss of two of three nodes would end the majority.
      if (queueMembers !== undefined) {
        for (const process of processes) await process.untilAlive(signal);
      }
      const [victim = processes[0]] = await queueMembers?.() ?? [];
      if (victim === undefined || signal.aborted) return;
      begin(victim.name === target ? undefined : victim.name);
      await victim.kill();
      await victim.untilAlive(signal);
    },
  };
}

function onLink(
  kind: Fault["kind"],
  target: Link,
  durationMs: number,
  begins: (proxy: TcpProxy) => void,
  ends: (proxy: TcpProxy) => void = () => {},
): Fault {
  return {
    kind,
    target,
    durationMs,
    async inject({ links }, begin, signal) {
      begin();
      links[target].forEach(begins);
      await sleep(durationMs, signal);
      links[target].forEach(ends);
    },
  };
}

function mailtrap([target, name, setting, reply]: MailtrapFault, durationMs: number): Fault {
  return {
    kind: "mailtrap",
    target,
    reply,
    durationMs,
    async inject({ mailtrapFaults, links }, begin, signal) {
      begin();
      const answer = await mailtrapFaults.set(name, { ...setting, forMs: durationMs });
      // A process that does not answer was just killed.
      if (answer.status !== "ok" && answer.status !== "unreachable") {
        throw new Error(`Cannot set ${name}: ${JSON.stringify(answer)}`);
      }
      // A logged-in client would notice nothing.
      if (LOGIN_FAULTS.includes(name)) {
        links["emailer to mail server"].forEach((proxy) => proxy.cut());
      }
      await sleep(durationMs, signal);
    },
  };
}
