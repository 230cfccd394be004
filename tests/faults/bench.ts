import { ok } from "node:assert/strict";
import type { FaultName, FaultSetting } from "@playground/tasks/faults";
import { ANY_PORTS, type StandInName, startStandIns } from "@playground/tasks/standins";
import { FaultsClient } from "../../tasks/fault/client.ts";

/** One stand-in and the control API of its faults. */
export interface Bench extends AsyncDisposable {
  /** How to reach the stand-in. */
  readonly variables: Readonly<Record<string, string>>;
  /** The control API. */
  readonly faults: FaultsClient;
  /** Switches a fault on. */
  readonly set: (name: FaultName, setting?: FaultSetting) => Promise<void>;
  /** Switches a fault off. */
  readonly clear: (name: FaultName) => Promise<void>;
  /** How often a fault has struck. */
  readonly hitCount: (name: FaultName) => Promise<number>;
}

/** Shows that a fault does what it says. */
export type FaultCheck = (bench: Bench) => Promise<void>;

/** The checks of all faults of one part: a fault without one does not compile. */
export type FaultChecks<Part extends string> = Readonly<
  Record<Extract<FaultName, `${Part}.${string}`>, FaultCheck>
>;

/** Starts a stand-in whose faults can be set. */
export async function startBench(name: StandInName): Promise<Bench> {
  const standIns = await startStandIns([name], ANY_PORTS);
  const { variables } = standIns;
  const faults = new FaultsClient(new URL(variables.FAULTS_URL ?? ""));
  return {
    variables,
    faults,
    async set(fault, setting = {}) {
      const answer = await faults.set(fault, setting);
      ok(answer.status === "ok", JSON.stringify(answer));
    },
    async clear(fault) {
      ok((await faults.clear(fault)).status === "ok");
    },
    async hitCount(fault) {
      const answer = await faults.list();
      ok(answer.status === "ok");
      return answer.value.find((candidate) => candidate.name === fault)?.active?.hitCount ?? 0;
    },
    [Symbol.asyncDispose]: () => standIns[Symbol.asyncDispose](),
  };
}

/** Measures how long something takes. */
export async function elapsedMs(action: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await action();
  return performance.now() - startedAt;
}
