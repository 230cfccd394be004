import { ROOT } from "@playground/tasks/running-system";
import { ManagedProcess } from "@playground/tasks/system";

/** Starts a stand-in alone in a process of its own, as a person would, so that it can be killed. */
export async function startAlone(name: "amqp" | "mongodb" | "zipkin", stateDirectory: string) {
  const ready = Promise.withResolvers<string>();
  const lines: string[] = [];
  const process = new ManagedProcess({
    name,
    args: [
      "run",
      "-P=standins",
      `tasks/standins/${name}/main.ts`,
      "--port=0",
      `--state=${stateDirectory}`,
    ],
    environment: {},
    cwd: ROOT,
    onLine(line) {
      lines.push(line);
      const url = /Listening on ([^;]+)/.exec(line)?.[1];
      if (url !== undefined) ready.resolve(url);
    },
  });
  process.ended.then(() => ready.reject(new Error(`Cannot start ${name}: ${lines.join("\n")}`)));
  /** Ends it as `kill -9` does. */
  const kill = async () => {
    process.kill();
    await process[Symbol.asyncDispose]();
  };
  return { url: await ready.promise, kill, [Symbol.asyncDispose]: kill };
}
