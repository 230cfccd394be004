import type { TcpProxy } from "@playground/shared/testing";
import { sleep } from "@playground/shared/time";
import { apiFault } from "./api_faults.ts";
import { deleteQueue } from "./delete_queue.ts";
import type { Fault, Way } from "./faults.ts";
import { killUntilAlive, restartComponent, stopUntilAlive } from "./restart.ts";
import {
  beginSmtpTrouble,
  endSmtpTrouble,
  endSmtpTroubles,
  isMetAtLogin,
} from "./smtp_troubles.ts";
import type { ChaosSystem } from "./system.ts";

/** Does a fault to the system, and takes it back at its end. */
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
  const onWay = (way: Way, act: (proxy: TcpProxy) => void) => system.ways[way].forEach(act);
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
      const { trouble, durationMs } = fault;
      const { faultsUrl } = system.direct;
      await beginSmtpTrouble(faultsUrl, trouble);
      // Whoever has logged in already would notice nothing.
      if (isMetAtLogin(trouble)) onWay("emailer to mail server", (proxy) => proxy.cut());
      await sleep(durationMs, signal);
      return await endSmtpTrouble(faultsUrl, trouble);
    }
    case "cut":
      return onWay(fault.way, (proxy) => proxy.cut());
    case "refuse":
      onWay(fault.way, (proxy) => proxy.refuse());
      await sleep(fault.durationMs, signal);
      return onWay(fault.way, (proxy) => proxy.accept());
    case "freeze":
      onWay(fault.way, (proxy) => proxy.freeze());
      await sleep(fault.durationMs, signal);
      return onWay(fault.way, (proxy) => proxy.thaw());
    case "delay":
      onWay(fault.way, (proxy) => proxy.delay(fault.delayMs));
      await sleep(fault.durationMs, signal);
      return onWay(fault.way, (proxy) => proxy.delay(0));
  }
}

/** Lets everything pass again. */
export async function healWays({ ways, mailtrapApi, direct }: ChaosSystem): Promise<void> {
  for (const way of Object.values(ways).flat()) {
    way.accept();
    way.thaw();
    way.delay(0);
  }
  mailtrapApi.intercept();
  await endSmtpTroubles(direct.faultsUrl);
}
