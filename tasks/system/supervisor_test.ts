import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { waitFor } from "@playground/shared/testing";
import { type SupervisedProcess, Supervisor } from "./supervisor.ts";

/** A process that ends when the test says so, or is stopped. */
class FakeProcess implements SupervisedProcess {
  readonly name = "poller";
  readonly pid: number;
  readonly #ended = Promise.withResolvers<Deno.CommandStatus>();
  isStopped = false;

  constructor(pid: number) {
    this.pid = pid;
  }

  get ended() {
    return this.#ended.promise;
  }

  end(code: number, signal: Deno.Signal | null = null) {
    this.#ended.resolve({ success: code === 0, code, signal });
  }

  [Symbol.asyncDispose]() {
    this.isStopped = true;
    this.end(0);
    return Promise.resolve();
  }
}

/** A supervisor of such processes; `processes` are those that it started. */
function supervise(restartDelayMs = 0, onStart: (process: FakeProcess) => void = () => {}) {
  const processes: FakeProcess[] = [];
  const lines: string[] = [];
  const supervisor = new Supervisor({
    restartDelayMs,
    onLine: (line) => lines.push(line),
    start: () => {
      const process = new FakeProcess(100 + processes.length);
      processes.push(process);
      onStart(process);
      return process;
    },
  });
  return { supervisor, processes, lines };
}

for (
  const [what, code, signal, line] of [
    ["ended by itself", 1, null, "ended (code 1); starting it again"],
    ["was killed", 137, "SIGKILL", "ended (SIGKILL); starting it again"],
  ] as const
) {
  Deno.test(`Supervisor starts a process again that ${what}`, async () => {
    const { supervisor, processes, lines } = supervise();
    equal(supervisor.pid, 100);
    processes[0]?.end(code, signal);
    await waitFor("it runs again", () => supervisor.pid === 101);
    deepEqual(lines, [line]);
    await supervisor[Symbol.asyncDispose]();
    equal(processes[1]?.isStopped, true);
  });
}

for (
  const [what, code, startCount] of [
    ["whose configuration is wrong", 2, 1],
    ["that ends over and over", 1, 11],
  ] as const
) {
  Deno.test(`Supervisor gives up a process ${what}`, async () => {
    const { supervisor, processes, lines } = supervise(0, (process) => process.end(code));
    const reason = new RegExp(`^Cannot run poller: it ended with code ${code}`);
    await rejects(supervisor.gaveUp, { message: reason });
    equal(processes.length, startCount);
    match(lines.at(-1) ?? "", reason);
    await supervisor[Symbol.asyncDispose]();
  });
}

Deno.test("Supervisor starts nothing again once it is disposed, also between an end and a start", async () => {
  const { supervisor, processes, lines } = supervise();
  await supervisor[Symbol.asyncDispose]();
  deepEqual([processes.length, processes[0]?.isStopped, lines], [1, true, []]);
  const waiting = supervise(60_000);
  waiting.processes[0]?.end(1);
  await waitFor("the end was noticed", () => waiting.lines.length === 1);
  await waiting.supervisor[Symbol.asyncDispose]();
  equal(waiting.processes.length, 1);
});
