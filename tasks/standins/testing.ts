import { temporaryFolder } from "@playground/shared/testing";
import { runStandIns } from "@playground/tasks/system";
import type { StandInName, StandInVariables } from "./mod.ts";

/** Starts stand-ins in a process of their own, with their state on disk, and waits until they listen. */
export async function startStandInsProcess(
  standIns: readonly StandInName[],
  stateDirectory?: string,
) {
  await using resources = new AsyncDisposableStack();
  const ready = Promise.withResolvers<StandInVariables>();
  const lines: string[] = [];
  const process = resources.use(
    runStandIns({
      standIns,
      portFlags: ["--any-port"],
      stateDirectory: stateDirectory ?? resources.use(await temporaryFolder()).path,
      onLine: (line) => lines.push(line),
      onReady: ready.resolve,
    }),
  );
  process.ended.then(() =>
    ready.reject(new Error(`Cannot start ${standIns}: ${lines.join("\n")}`))
  );
  const variables = await ready.promise;
  const running = resources.move();
  return {
    variables,
    pid: process.pid,
    /** Ends it as `kill -9` does. */
    async kill() {
      process.kill();
      await running.disposeAsync();
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
