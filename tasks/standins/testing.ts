import { runStandIns } from "@playground/tasks/system";
import type { StandInName, StandInVariables } from "./mod.ts";

/** Starts stand-ins in a process of their own, so that it can be killed, and waits until they listen. */
export async function startKillable(standIns: readonly StandInName[], stateDirectory: string) {
  const ready = Promise.withResolvers<StandInVariables>();
  const lines: string[] = [];
  const process = runStandIns({
    standIns,
    portFlags: ["--any-port"],
    stateDirectory,
    onLine: (line) => lines.push(line),
    onReady: ready.resolve,
  });
  process.ended.then(() =>
    ready.reject(new Error(`Cannot start ${standIns}: ${lines.join("\n")}`))
  );
  const end = () => process[Symbol.asyncDispose]();
  return {
    variables: await ready.promise,
    pid: process.pid,
    /** Ends it as `kill -9` does. */
    async kill() {
      process.kill();
      await end();
    },
    [Symbol.asyncDispose]: end,
  };
}
