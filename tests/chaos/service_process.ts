import type { Environment } from "@playground/shared/configuration";
import {
  environmentOf,
  ManagedProcess,
  permissionFlags,
  type ServiceName,
  SERVICES,
} from "@playground/tasks/system";
import { ROOT } from "@playground/tasks/running-system";
import { MortalProcess } from "./mortal_process.ts";
import { lastingPort } from "./ports.ts";

/** A service that can be killed. */
export interface MortalService {
  /** Which service. */
  readonly service: ServiceName;
  /** Its process. */
  readonly process: MortalProcess;
  /** The base address of its HTTP port, after each start alike. */
  readonly url: URL;
}

/** How to run one process of a service. */
export interface MortalServiceOptions {
  /** What people know it by. */
  readonly name: string;
  /** Which service. */
  readonly service: ServiceName;
  /** The settings of the system; the service gets what concerns it, and a port of its own. */
  readonly environment: Environment;
  /** Takes the lines that it writes. */
  readonly onLine: (line: string) => void;
}

/** A service that takes longer to tell its health is not well. */
const HEALTH_TIMEOUT_MS = 2_000;

/** Starts a service; does not wait for it. */
export function startMortalService(
  { name, service, environment, onLine }: MortalServiceOptions,
  resources: AsyncDisposableStack,
): MortalService {
  const port = String(lastingPort());
  const own = { ...environment, [SERVICES[service].healthPort.variable]: port };
  const url = new URL(`http://127.0.0.1:${port}`);
  const process = resources.use(
    new MortalProcess({
      name,
      start: () =>
        new ManagedProcess({
          name,
          args: ["run", ...permissionFlags(service, own), SERVICES[service].entryPoint],
          environment: environmentOf(service, own),
          cwd: ROOT,
          onLine,
        }),
      onLine,
      isAlive: () => isOk(new URL("/healthz", url)),
      isReady: () => isOk(new URL("/readyz", url)),
    }),
  );
  return { service, process, url };
}

async function isOk(url: URL): Promise<boolean> {
  try {
    const response = await fetch(url, {
      signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS),
    });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false; // It is being started.
  }
}
