import { runStandIns } from "@playground/tasks/system";
import { ROOT } from "@playground/tasks/running-system";
import type { StandInVariables } from "@playground/tasks/standins";
import { ServiceProcess } from "../fixture/service_process.ts";

/** Runs a message server with all that it talks to, each in a process of its own. */
export async function withFuzzedServer(
  run: (server: ServiceProcess) => Promise<void>,
): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const stateDirectory = await Deno.makeTempDir();
  resources.defer(() => Deno.remove(stateDirectory, { recursive: true }));
  const ready = Promise.withResolvers<StandInVariables>();
  resources.use(runStandIns({
    standIns: ["amqp", "zipkin"],
    portFlags: ["--any-port"],
    stateDirectory,
    root: ROOT,
    onLine: () => {},
    onReady: ready.resolve,
  }));
  await using server = new ServiceProcess("message-server", { environment: await ready.promise });
  await server.ready();
  await run(server);
}

/** Tells the line of a log that no request may cause. */
export function isError(line: string): boolean {
  return /Request failed|"level":"ERROR"/.test(line);
}
