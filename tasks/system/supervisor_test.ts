import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { waitFor } from "@playground/shared/testing";
import { Supervisor } from "./supervisor.ts";

/** A process that ends when the test says so, or is stopped. */
function fakeProcess(pid: number) {
  const { promise: ended, resolve } = Promise.withResolvers<Deno.CommandStatus>();
  const end = (code: number, signal: Deno.Signal | null = null) =>
    resolve({ success: code === 0, code, signal });
  return { name: "poller", pid, ended, end, [Symbol.asyncDispose]: () => Promise.resolve(end(0)) };
}

type FakeProcess = ReturnType<typeof fakeProcess>;

/** A supervisor of fake processes; `processes` are the started ones. */
function supervise(
  restartDelayMs = 0,
  onStart: (process: FakeProcess) => void = () => {},
  hasBegun?: () => boolean,
) {
  const processes: FakeProcess[] = [];
  const lines: string[] = [];
  const supervisor = new Supervisor({
    restartDelayMs,
    hasBegun,
    onLine: (line) => lines.push(line),
    start: () => {
      const process = fakeProcess(100 + processes.length);
      processes.push(process);
      onStart(process);
      return process;
    },
  });
  return { supervisor, processes, lines };
}

for (
  const [what, code, startCount, hasBegun] of [
    ["whose configuration is wrong", 2, 1],
    ["that ends over and over", 1, 11],
    ["that ends before it has begun", 1, 1, () => false],
  ] as const
) {
  Deno.test(`Supervisor gives up a process ${what}`, async () => {
    const { supervisor, processes, lines } = supervise(0, (process) => process.end(code), hasBegun);
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
  equal((await processes[0]?.ended)?.code, 0, "it is stopped");
  deepEqual([processes.length, lines], [1, []]);
  const waiting = supervise(60_000);
  waiting.processes[0]?.end(1);
  await waitFor("the end was noticed", () => waiting.lines.length === 1);
  await waiting.supervisor[Symbol.asyncDispose]();
  equal(waiting.processes.length, 1);
});

Deno.test("Supervisor restarts a process in good order, at once and without a word", async () => {
  const { supervisor, processes, lines } = supervise(60_000);
  await supervisor.restart();
  equal((await processes[0]?.ended)?.code, 0, "it is stopped");
  deepEqual([supervisor.pid, processes.length, lines], [101, 2, []]);
  processes[1]?.end(1);
  await waitFor("its end is noticed", () => lines.length === 1);
  await supervisor[Symbol.asyncDispose]();
});

Deno.test("Supervisor restarts a process once for all who ask meanwhile", async () => {
  const { supervisor, processes } = supervise();
  await Promise.all([supervisor.restart(), supervisor.restart()]);
  equal(processes.length, 2);
  await supervisor[Symbol.asyncDispose]();
});

Deno.test("Supervisor restarts a process that has just ended by itself", async () => {
  const { supervisor, processes, lines } = supervise(50);
  processes[0]?.end(1);
  await waitFor("its end is noticed", () => lines.length === 1);
  await supervisor.restart();
  deepEqual([supervisor.pid, processes.length], [101, 2]);
  await supervisor[Symbol.asyncDispose]();
});
