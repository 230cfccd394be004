import { deepEqual, equal, match, ok } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { integrationTest, waitFor } from "@playground/shared/testing";

/** A program that runs in a process of its own, beside the modules under test. */
class Program implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #lines: ReadableStreamDefaultReader<string>;

  constructor(code: string) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["eval", "--no-check", `import * as lifecycle from "./mod.ts"; ${code}`],
      cwd: fileURLToPath(new URL(".", import.meta.url)),
      env: { NO_COLOR: "1" },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#lines = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Waits until it wrote to its standard output. */
  async nextOutput(): Promise<string | undefined> {
    return (await this.#lines.read()).value;
  }

  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  async say(text: string): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(text));
  }

  async closeStdin(): Promise<void> {
    await this.#writer.close();
  }

  /** Waits for its end; how it ended, and how long that took from now. */
  async end(): Promise<{ code: number; stderr: string; durationMs: number }> {
    const startedAt = performance.now();
    const [{ code }, stderr] = await Promise.all([
      this.#child.status,
      new Response(this.#child.stderr).text(),
    ]);
    return { code, stderr, durationMs: performance.now() - startedAt };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lines.cancel();
    await this.#writer.close().catch(() => {});
  }
}

/** Much less than the fifteen seconds after which a stop is cut off. */
const AT_ONCE_MS = 5_000;

function service(options: string): Program {
  return new Program(`
    const stop = lifecycle.stopRequested(${options});
    console.log("ready");
    await stop;
    console.log("stopping");
  `);
}

async function isListening(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  for (const options of ["", "{ atStdinEof: true }"]) {
    integrationTest(
      `stopRequested(${options}) resolves at ${signal} and lets the process end`,
      async () => {
        await using program = service(options);
        equal(await program.nextOutput(), "ready\n");
        program.kill(signal);
        equal(await program.nextOutput(), "stopping\n");

        const { code, durationMs } = await program.end();
        equal(code, 0);
        ok(durationMs < AT_ONCE_MS, `it took ${durationMs} ms`);
      },
    );
  }
}

integrationTest("stopRequested() resolves at the end of standard input, not before", async () => {
  await using program = service("{ atStdinEof: true }");
  equal(await program.nextOutput(), "ready\n");
  await program.say("hello\n");
  await program.closeStdin();
  equal(await program.nextOutput(), "stopping\n");

  equal((await program.end()).code, 0);
});

integrationTest(
  "stopRequested() does not mind the end of standard input unless it is asked to",
  async () => {
    await using program = service("");
    equal(await program.nextOutput(), "ready\n");
    await program.closeStdin();
    program.kill("SIGTERM");
    equal(await program.nextOutput(), "stopping\n");

    equal((await program.end()).code, 0);
  },
);

integrationTest("stopRequested() lets a second signal end the process at once", async () => {
  await using program = new Program(`
    const stop = lifecycle.stopRequested();
    console.log("ready");
    await stop;
    console.log("stopping");
    setTimeout(() => console.log("later"), 600);
    setInterval(() => {}, 1000);
  `);
  await program.nextOutput();
  program.kill("SIGTERM");
  equal(await program.nextOutput(), "stopping\n");
  equal(await program.nextOutput(), "later\n");
  program.kill("SIGTERM");

  const { code, durationMs } = await program.end();
  equal(code, 130);
  ok(durationMs < AT_ONCE_MS);
});

integrationTest("stopRequested() takes a Ctrl-C that arrives twice for one", async () => {
  await using program = new Program(`
    const stop = lifecycle.stopRequested();
    console.log("ready");
    await stop;
    console.log("stopping");
    setTimeout(() => console.log("stopped in order"), 300);
  `);
  await program.nextOutput();
  program.kill("SIGINT");
  equal(await program.nextOutput(), "stopping\n");
  program.kill("SIGINT");
  equal(await program.nextOutput(), "stopped in order\n");
  equal((await program.end()).code, 0);
});

integrationTest("listenOrExit() says what to do when the port is taken, and exits 1", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr;
  await using program = new Program(`
    lifecycle.listenOrExit({ hostname: "127.0.0.1", port: ${port}, variable: "PORT" }, () => new Response());
  `);

  const { code, stderr } = await program.end();
  equal(code, 1);
  match(
    stderr,
    new RegExp(`^Cannot listen on 127\\.0\\.0\\.1:${port}: .+; set PORT to a free port`, "m"),
  );
  equal(stderr.includes("at file:"), false, stderr);
});

integrationTest(
  "listenOrExit() lets requests in flight finish when the service stops",
  async () => {
    await using program = new Program(`
    {
      await using server = lifecycle.listenOrExit(
        { hostname: "127.0.0.1", port: 0, variable: "PORT" },
        async () => {
          console.log("request");
          await Deno.stdin.read(new Uint8Array(16));
          return new Response("answered");
        },
      );
      const stop = lifecycle.stopRequested();
      console.log(server.addr.port);
      await stop;
    }
  `);
    const port = Number(await program.nextOutput());
    const answer = fetch(`http://127.0.0.1:${port}/`).then((response) => response.text());
    equal(await program.nextOutput(), "request\n");
    program.kill("SIGTERM");
    await waitFor("it takes no more requests", async () => !await isListening(port));
    await program.say("go on\n");

    deepEqual([await answer, (await program.end()).code], ["answered", 0]);
  },
);

integrationTest(
  "runUntilStopped() ends the process with 0, whatever callers and timers would keep it alive",
  async () => {
    await using program = new Program(`
      await using resources = new AsyncDisposableStack();
      const http = resources.use(
        lifecycle.listenOrExit(
          { hostname: "127.0.0.1", port: 0, variable: "PORT" },
          async (request) => new Response(await request.text()),
        ),
      );
      resources.defer(() => console.log("disposed"));
      setInterval(() => {}, 1000);
      const stopped = lifecycle.runUntilStopped(resources);
      console.log(http.addr.port);
      await stopped;
    `);
    const port = Number(await program.nextOutput());
    using caller = await Deno.connect({ hostname: "127.0.0.1", port });
    await caller.write(
      new TextEncoder().encode(
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhal",
      ),
    );
    program.kill("SIGTERM");
    equal(await program.nextOutput(), "disposed\n");

    const { code, durationMs } = await program.end();
    equal(code, 0);
    ok(durationMs < AT_ONCE_MS, `it took ${durationMs} ms`);
  },
);
