import type { TcpProxy } from "../fixture/tcp_proxy.ts";
import { sleep } from "@playground/shared/time";
import { type FaultAnswer, FaultsClient } from "@playground/tasks/clients/faults";
import type { FaultName, FaultSetting } from "@playground/tasks/faults";
import { HALF_BODY, HalfSentRequests } from "../fixture/half_sent_requests.ts";
import { apiFault } from "./api_faults.ts";
import {
  type Component,
  describeFault,
  EMPTY_TIMEOUT_MS,
  type Fault,
  type Link,
  LINKS_TO,
  type SmtpFailure,
} from "./faults.ts";
import { deleteSendQueue, queueLengths, WAITING_QUEUES } from "./queues.ts";
import type { Run } from "./run.ts";
import type { ScheduledFault } from "./schedule.ts";
import type { ChaosSystem, RestartedService } from "./system.ts";

/** How long nobody reaches a component that is not ours to kill. */
const OUTAGE_MS = 1_500;
/** What emailers hold cannot be seen; a mail whose 250 comes very late takes four seconds. */
const STABLY_EMPTY_MS = 5_000;
const LOOK_INTERVAL_MS = 250;

/** What each failure of the mail server is among the faults of the stand-in. */
const SMTP_FAULTS: Readonly<Record<SmtpFailure, FaultSetting & { readonly name: FaultName }>> = {
  "wrong password": { name: "smtp.wrong-password" },
  "monthly limit": { name: "smtp.monthly-limit" },
  "451 at times": { name: "smtp.reply", value: "451", probability: 0.3 },
  "rate limit": { name: "smtp.rate-limit", value: "10" },
  "cut before the end of a mail": { name: "smtp.drop-during-data", probability: 0.2 },
  // Longer than any other answer, shorter than the emailers' patience (system.ts).
  "250 very late": { name: "smtp.delay", value: "4000" },
  "cut after the end of a mail": { name: "smtp.drop-after-data", probability: 0.2 },
};
/** Those that show at the login only, which connections that are open have behind them. */
const LOGIN_FAILURES: readonly SmtpFailure[] = ["wrong password", "monthly limit"];

/** Does each fault at its moment. They overlap. */
export async function followSchedule(
  schedule: readonly ScheduledFault[],
  { system, faultLog, durationMs, print }: Run,
  signal: AbortSignal,
): Promise<void> {
  const startedAt = performance.now();
  const until = (atMs: number) => sleep(Math.max(0, startedAt + atMs - performance.now()), signal);
  await Promise.all(schedule.map(async ({ atMs, fault }) => {
    await until(atMs);
    if (signal.aborted) return;
    let end = () => {};
    await injectFault(fault, system, (detail) => {
      const line = `${elapsed(startedAt)}  ${describeFault(fault)}`;
      print(detail === undefined ? line : `${line}: ${detail}`);
      end = faultLog.begin(fault);
    }, signal);
    end();
  }));
  await until(durationMs);
}

/** How much time has passed, for the lines that tell what goes on. */
export function elapsed(sinceMs: number): string {
  return `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`.padStart(8);
}

/** Lets everything pass again. */
export async function healLinks({ links, mailtrapApi, direct }: ChaosSystem): Promise<void> {
  for (const link of Object.values(links).flat()) {
    link.accept();
    link.thaw();
    link.delay(0);
  }
  mailtrapApi.intercept();
  assertTaken(await new FaultsClient(direct.faultsUrl).clearAll());
}

async function injectFault(
  fault: Fault,
  system: ChaosSystem,
  onBegin: (detail?: string) => void,
  signal: AbortSignal,
): Promise<void> {
  if (fault.kind === "restart") {
    return await restartComponent(fault.target, system, onBegin, signal);
  }
  if (fault.kind === "delete queue") return await deleteQueue(system, onBegin, signal);
  onBegin();
  const onLink = (link: Link, act: (proxy: TcpProxy) => void) => system.links[link].forEach(act);
  switch (fault.kind) {
    case "kill":
    case "stop": {
      const victim = system.services.find(({ process }) => process.name === fault.target);
      if (victim === undefined) {
        throw new RangeError(`Cannot ${fault.kind} ${fault.target}: no such process`);
      }
      if (fault.kind === "stop") return await stopUntilAlive(victim, signal);
      await victim.process.kill();
      return await victim.process.untilAlive(signal);
    }
    case "api":
      system.mailtrapApi.intercept(apiFault(fault.target, signal));
      await sleep(fault.durationMs, signal);
      return system.mailtrapApi.intercept();
    case "smtp": {
      const { name, ...setting } = SMTP_FAULTS[fault.target];
      const faults = new FaultsClient(system.direct.faultsUrl);
      assertTaken(await faults.set(name, setting));
      // Whoever has logged in already would notice nothing.
      if (LOGIN_FAILURES.includes(fault.target)) {
        onLink("emailer to mail server", (proxy) => proxy.cut());
      }
      await sleep(fault.durationMs, signal);
      return assertTaken(await faults.clear(name));
    }
    case "cut":
      return onLink(fault.target, (proxy) => proxy.cut());
    case "refuse":
    case "freeze": {
      const isFreeze = fault.kind === "freeze";
      onLink(fault.target, (proxy) => isFreeze ? proxy.freeze() : proxy.refuse());
      await sleep(fault.durationMs, signal);
      return onLink(fault.target, (proxy) => isFreeze ? proxy.thaw() : proxy.accept());
    }
    case "delay":
      onLink(fault.target, (proxy) => proxy.delay(fault.delayMs));
      await sleep(fault.durationMs, signal);
      return onLink(fault.target, (proxy) => proxy.delay(0));
  }
}

/**
 * Kills what stands behind the services, which is started again with its state: of a cluster, the node that leads the queue. Nobody
 * reaches a component for a moment that is not ours to kill.
 */
async function restartComponent(
  component: Component,
  system: ChaosSystem,
  onBegin: (detail?: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { processes = [], queueMembers } = system.components.get(component) ?? {};
  const [first, ...others] = processes;
  if (first === undefined) {
    onBegin("unreachable");
    const links = LINKS_TO[component].flatMap((link) => system.links[link]);
    for (const link of links) link.refuse();
    await sleep(OUTAGE_MS, signal);
    for (const link of links) link.accept();
    return;
  }
  let victim = first;
  if (others.length === 0) {
    onBegin();
  } else {
    // Two of three would take the majority along.
    for (const process of processes) await process.untilAlive(signal);
    const leader = (await queueMembers?.())?.find(({ isLeader }) => isLeader)?.process;
    if (signal.aborted) return;
    onBegin(leader === undefined ? first.name : `${leader.name}, the leader`);
    victim = leader ?? first;
  }
  await victim.kill();
  await victim.untilAlive(signal);
}

/** Asks a service to stop while a caller has sent half a request, and waits until it runs again. */
async function stopUntilAlive(
  { process, url }: RestartedService,
  signal: AbortSignal,
): Promise<void> {
  await process.untilAlive(signal);
  if (signal.aborted) return;
  using _caller = await HalfSentRequests.open(url.href, HALF_BODY, 1);
  await process.stop();
  await process.untilAlive(signal);
}

/**
 * Deletes the queue of the emailers at a moment when that costs no email: who deletes messages loses them. Those that come next come
 * at once. A queue that does not become empty is left alone, since further faults come.
 */
async function deleteQueue(
  { loadGate, direct }: ChaosSystem,
  onBegin: () => void,
  signal: AbortSignal,
): Promise<void> {
  loadGate.close();
  try {
    if (!await untilEmpty(direct.amqpUrls, signal)) return;
    onBegin();
    await deleteSendQueue(direct.amqpUrls);
  } finally {
    loadGate.open();
  }
}

async function untilEmpty(amqpUrls: readonly string[], signal: AbortSignal): Promise<boolean> {
  const giveUpAt = performance.now() + EMPTY_TIMEOUT_MS;
  let filledAt = performance.now();
  while (!signal.aborted && performance.now() < giveUpAt) {
    const isEmpty = await queueLengths(amqpUrls).then(
      (lengths) => WAITING_QUEUES.every((queue) => lengths[queue] === 0),
      () => false, // The broker is not back yet.
    );
    const now = performance.now();
    if (!isEmpty) filledAt = now;
    if (now - filledAt >= STABLY_EMPTY_MS) return true;
    await sleep(LOOK_INTERVAL_MS, signal);
  }
  return false;
}

/** Whoever does not answer was killed, and its faults with it: it comes back without them. */
function assertTaken(answer: FaultAnswer<unknown>): void {
  if (answer.status === "ok" || answer.status === "unreachable") return;
  throw new Error(`Cannot set a fault of the mail server: ${JSON.stringify(answer)}`);
}
