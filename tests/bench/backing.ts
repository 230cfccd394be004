import type { Environment } from "@playground/shared/configuration";
import type { StandInVariables } from "@playground/tasks/standins";
import { type RealComponents, realComponents } from "../fixture/real_components.ts";
import type { Components } from "./row.ts";

export interface Backing extends RealComponents {
  readonly components: Components;
}

export interface BenchContext {
  readonly backing: Backing;
  /** The short version has fewer comparisons, with less work in each. */
  readonly isShort: boolean;
  readonly rounds: number;
  readonly profileDirectory?: string | undefined;
  /** Breaks off the measuring: whatever a process of the bench is doing is not waited for. */
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

/** A promise to race with: it rejects when the measuring is broken off. */
export function rejectOnAbort(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {});
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  return promise;
}

export function realBacking(environment: Environment): Backing | undefined {
  const real = realComponents(environment);
  return real && { components: "real", ...real };
}

export function standInBacking(variables: StandInVariables): Backing {
  return {
    components: "stand-ins",
    amqpUrl: variables.AMQP_URL ?? "",
    mongodbUrl: variables.MONGODB_URL ?? "",
    zipkinUrl: variables.ZIPKIN_URL ?? "",
  };
}
