import { equal } from "node:assert/strict";
import { integrationTest, waitFor } from "@playground/shared/testing";
import { ExternalProcess } from "./external_process.ts";

/** A program that starts another one, says its id, and waits for it. */
const PARENT = 'sleep 600 & echo "$!"; wait';

async function isRunning(pid: string): Promise<boolean> {
  const { success } = await new Deno.Command("kill", { args: ["-0", pid], stderr: "null" })
    .output();
  return success;
}

async function startParent() {
  const lines: string[] = [];
  const process = new ExternalProcess({
    name: "parent",
    program: "/bin/sh",
    args: ["-c", PARENT],
    onLine: (line) => lines.push(line),
  });
  await waitFor("it has said its child's id", () => lines.length === 1);
  return { process, childId: lines.join() };
}

integrationTest("kill() kills a program and what it has started", async () => {
  const { process, childId } = await startParent();
  equal(await isRunning(childId), true);
  process.kill();
  equal((await process.ended).signal, "SIGKILL");
  await waitFor("its child has ended", async () => !await isRunning(childId));
  await process[Symbol.asyncDispose]();
});

integrationTest("disposing an ExternalProcess leaves nothing of it", async () => {
  const { process, childId } = await startParent();
  await process[Symbol.asyncDispose]();
  await waitFor("its child has ended", async () => !await isRunning(childId));
});

integrationTest("an ExternalProcess whose program ends by itself has ended", async () => {
  await using process = new ExternalProcess({
    name: "brief",
    program: "/bin/sh",
    args: ["-c", "exit 0"],
    onLine: () => {},
  });
  await process.ended;
});
