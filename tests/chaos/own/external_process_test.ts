import { equal } from "node:assert/strict";
import { integrationTest, waitFor } from "@playground/shared/testing";
import { ExternalProcess } from "./external_process.ts";

/** Starts a program that starts another one, says its id, and waits for it. */
async function startParent(): Promise<{ process: ExternalProcess; isChildRunning(): boolean }> {
  const lines: string[] = [];
  const process = new ExternalProcess({
    name: "parent",
    program: "/bin/sh",
    args: ["-c", 'sleep 600 & echo "$!"; wait'],
    onLine: (line) => lines.push(line),
  });
  await waitFor("it has said its child's id", () => lines.length === 1);
  const probe = new Deno.Command("kill", { args: ["-0", lines.join()], stderr: "null" });
  return { process, isChildRunning: () => probe.outputSync().success };
}

integrationTest(
  "ExternalProcess leaves nothing of what it has started, killed or disposed",
  async () => {
    const killed = await startParent();
    equal(killed.isChildRunning(), true);
    killed.process.kill();
    equal((await killed.process.ended).signal, "SIGKILL");
    await waitFor("its child has ended", () => !killed.isChildRunning());
    await killed.process[Symbol.asyncDispose]();

    const disposed = await startParent();
    await disposed.process[Symbol.asyncDispose]();
    await waitFor("its child has ended", () => !disposed.isChildRunning());
  },
);

integrationTest("ExternalProcess has ended when its program ends by itself", async () => {
  const run = { name: "brief", program: "/bin/sh", args: ["-c", "exit 0"], onLine: () => {} };
  await using process = new ExternalProcess(run);
  await process.ended;
});
