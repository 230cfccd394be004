import type { Environment } from "@playground/shared/configuration";
import { V8_FLAGS } from "@playground/tasks/compile";
import { ManagedProcess, serviceArgs, type ServiceName } from "@playground/tasks/system";
import { ServiceProcess } from "../../fixture/service_process.ts";
import type { Addresses } from "../processes/command_server.ts";

const READY = "READY ";

/**
 * Makes the function that starts `tests/bench/processes/`: bare libraries in a process of their own, like the services. It takes
 * commands by HTTP and answers with measurements.
 */
export function processStarter(resources: AsyncDisposableStack, signal: AbortSignal) {
  return async (name: string, settings: object) => {
    const ready = Promise.withResolvers<Addresses>();
    const lines: string[] = [];
    const process = resources.use(
      new ManagedProcess({
        name,
        args: ["run", V8_FLAGS, "-A", `tests/bench/processes/${name}.ts`, JSON.stringify(settings)],
        environment: {},
        onLine: (line) => {
          if (line.startsWith(READY)) ready.resolve(JSON.parse(line.slice(READY.length)));
          else lines.push(line);
        },
      }),
    );
    process.ended.then(({ code }) =>
      ready.reject(
        new Error(`Cannot start ${name}: it ended with code ${code}\n${lines.join("\n")}`),
      )
    );
    const { control, url } = await ready.promise;
    return {
      pid: process.pid,
      /** The base address of its HTTP server, if it has one. */
      url,
      /** Sends it a command; rejects if the command fails, or if the measuring ends early. */
      async call<Result>(command: object): Promise<Result> {
        const body = JSON.stringify(command);
        const response = await fetch(control, { method: "POST", body, signal });
        if (response.ok) return await response.json();
        throw new Error(`${name}: ${await response.text()}`);
      },
    };
  };
}

export async function startService(
  name: ServiceName,
  environment: Environment,
  resources: AsyncDisposableStack,
  profileDirectory?: string,
): Promise<ServiceProcess> {
  const profile = profileDirectory === undefined ? [] : [
    "--cpu-prof",
    "--cpu-prof-md",
    `--cpu-prof-dir=${profileDirectory}`,
    `--cpu-prof-name=${name}.cpuprofile`,
  ];
  const service = resources.use(new ServiceProcess(name, { environment, args: argsOf(profile) }));
  await service.ready();
  return service;
}

/** The arguments of Deno for a service from its sources, with V8's flags as in production. */
export function argsOf(flags: readonly string[]) {
  return (name: ServiceName, environment: Environment) =>
    serviceArgs(name, environment, [V8_FLAGS, ...flags]);
}
