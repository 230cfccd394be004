import type { StandInVariables } from "@playground/tasks/standins";
import { runStandIns } from "@playground/tasks/system";

/** Starts a stand-in in a process of its own, so that it can be killed. */
export async function startAlone(name: "amqp" | "mongodb" | "zipkin", stateDirectory: string) {
  const ready = Promise.withResolvers<StandInVariables>();
  const lines: string[] = [];
  const process = runStandIns({
    standIns: [name],
    portFlags: ["--any-port"],
    stateDirectory,
    onLine: (line) => lines.push(line),
    onReady: ready.resolve,
  });
  process.ended.then(() => ready.reject(new Error(`Cannot start ${name}: ${lines.join("\n")}`)));
  /** Ends it as `kill -9` does. */
  const kill = async () => {
    process.kill();
    await process[Symbol.asyncDispose]();
  };
  const { [`${name.toUpperCase()}_URL`]: url = "" } = await ready.promise;
  return { url, kill, [Symbol.asyncDispose]: kill };
}
