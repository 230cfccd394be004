import type { TcpProxy } from "../fixture/tcp_proxy.ts";
import { sleep } from "@playground/shared/time";
import { apiFault } from "./api_faults.ts";
import { deleteQueue } from "./delete_queue.ts";
import type { Fault, Link } from "./faults.ts";
import { killUntilAlive, restartComponent, stopUntilAlive } from "./restart.ts";
import {
  beginSmtpFailure,
  concernsLogin,
  endSmtpFailure,
  endSmtpFailures,
} from "./smtp_failures.ts";
import type { ChaosSystem } from "./system.ts";

export async function injectFault(
  fault: Fault,
  system: ChaosSystem,
  onBegin: (detail?: string) => void,
  signal: AbortSignal,
): Promise<void> {
  if (fault.kind === "restart") {
    return await restartComponent(fault.component, system, onBegin, signal);
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
      return fault.kind === "kill"
        ? await killUntilAlive(victim.process, signal)
        : await stopUntilAlive(victim, signal);
    }
    case "api":
      system.mailtrapApi.intercept(apiFault(fault.answer, signal));
      await sleep(fault.durationMs, signal);
      return system.mailtrapApi.intercept();
    case "smtp": {
      const { failure, durationMs } = fault;
      const { faultsUrl } = system.direct;
      await beginSmtpFailure(faultsUrl, failure);
      // Whoever has logged in already would notice nothing.
      if (concernsLogin(failure)) onLink("emailer to mail server", (proxy) => proxy.cut());
      await sleep(durationMs, signal);
      return await endSmtpFailure(faultsUrl, failure);
    }
    case "cut":
      return onLink(fault.link, (proxy) => proxy.cut());
    case "refuse":
      onLink(fault.link, (proxy) => proxy.refuse());
      await sleep(fault.durationMs, signal);
      return onLink(fault.link, (proxy) => proxy.accept());
    case "freeze":
      onLink(fault.link, (proxy) => proxy.freeze());
      await sleep(fault.durationMs, signal);
      return onLink(fault.link, (proxy) => proxy.thaw());
    case "delay":
      onLink(fault.link, (proxy) => proxy.delay(fault.delayMs));
      await sleep(fault.durationMs, signal);
      return onLink(fault.link, (proxy) => proxy.delay(0));
  }
}

/** Lets everything pass again. */
export async function healLinks({ links, mailtrapApi, direct }: ChaosSystem): Promise<void> {
  for (const link of Object.values(links).flat()) {
    link.accept();
    link.thaw();
    link.delay(0);
  }
  mailtrapApi.intercept();
  await endSmtpFailures(direct.faultsUrl);
}
