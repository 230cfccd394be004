import type { Environment } from "@playground/shared/configuration";
import type { ServiceName } from "@playground/tasks/system";
import { freePort } from "../fixture/ports.ts";
import { answersOk, ServiceProcess } from "../fixture/service_process.ts";
import { RestartedProcess } from "./restarted_process.ts";

export interface RestartedService {
  readonly service: ServiceName;
  readonly process: RestartedProcess;
  /** The base address of its HTTP port, after each start alike. */
  readonly url: URL;
}

export interface RestartedServiceOptions {
  readonly name: string;
  readonly service: ServiceName;
  readonly environment: Environment;
  readonly onLine: (line: string) => void;
}

/** Starts a service; does not wait for it. */
export function startRestartedService(
  { name, service, environment, onLine }: RestartedServiceOptions,
  resources: AsyncDisposableStack,
): RestartedService {
  const port = freePort();
  const url = new URL(`http://127.0.0.1:${port}`);
  const process = resources.use(
    new RestartedProcess({
      name,
      start: () => new ServiceProcess(service, { environment, port, onLine }),
      onLine,
      isAlive: () => answersOk(`${url.origin}/healthz`),
      isReady: () => answersOk(`${url.origin}/readyz`),
    }),
  );
  return { service, process, url };
}
