import { ServiceProcess } from "../fixture/service_process.ts";
import { startStandInsProcess } from "../fixture/stand_ins_process.ts";

/** Runs a message server with all that it talks to, each in a process of its own. */
export async function withFuzzedServer(
  run: (server: ServiceProcess) => Promise<void>,
): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const { variables } = await startStandInsProcess(["amqp", "zipkin"], resources);
  await using server = new ServiceProcess("message-server", { environment: variables });
  await server.ready();
  await run(server);
}

/** Tells the line of a log that no request may cause. */
export function isError(line: string): boolean {
  return /Request failed|"level":"ERROR"/.test(line);
}
