import { equal, match, ok } from "node:assert/strict";
import { integrationTest, startDeno } from "@playground/shared/testing";

/** A program in a process of its own, which imports the modules under test. */
class Program implements AsyncDisposable {
  readonly child: Deno.ChildProcess;
  readonly stdin: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #lines: ReadableStreamDefaultReader<string>;

  constructor(code: string) {
    const program = `import * as lifecycle from "@playground/shared/lifecycle"; ${code}`;
    this.child = startDeno(["eval", "--no-check", program], { stdin: "piped" });
    this.stdin = this.child.stdin.getWriter();
    this.#lines = this.child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  async nextOutput(): Promise<string | undefined> {
    return (await this.#lines.read()).value;
  }

  /** Waits for its end, which must come long before the fifteen seconds after which a stop is cut off. */
  async end(): Promise<{ code: number; stderr: string }> {
    const startedAt = performance.now();
    const [{ code }, stderr] = await Promise.all([
      this.child.status,
      new Response(this.child.stderr).text(),
    ]);
    const durationMs = performance.now() - startedAt;
    ok(durationMs < 5_000, `it took ${durationMs} ms`);
    return { code, stderr };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lines.cancel();
    await this.stdin.close().catch(() => {});
  }
}

/** A service that prints when it starts and stops, then runs some code. */
function service(options: string, then = ""): Program {
  return new Program(`
    const stop = lifecycle.stopRequested(${options});
    console.log("ready");
    await stop;
    console.log("stopping");
    ${then}
  `);
}

const AT_EOF = "{ atStdinEof: true }";
const stops: readonly (readonly [
  what: string,
  options: string,
  request: (program: Program) => void | Promise<void>,
])[] = [
  ["at SIGINT", "", (program) => program.child.kill("SIGINT")],
  ["at SIGTERM", AT_EOF, (program) => program.child.kill("SIGTERM")],
  ["at the end of standard input, not before", AT_EOF, async (program) => {
    await program.stdin.write(new TextEncoder().encode("hello\n"));
    await program.stdin.close();
  }],
  ["at a signal, not at the end of standard input", "", async (program) => {
    await program.stdin.close();
    program.child.kill("SIGTERM");
  }],
];
for (const [what, options, request] of stops) {
  integrationTest(`stopRequested(${options}) resolves ${what}, and the process ends`, async () => {
    await using program = service(options);
    equal(await program.nextOutput(), "ready\n");
    await request(program);
    equal(await program.nextOutput(), "stopping\n");
    equal((await program.end()).code, 0);
  });
}

integrationTest("stopRequested() lets a second signal end the process at once", async () => {
  await using program = service("", `setInterval(() => console.log("later"), 600)`);
  await program.nextOutput();
  program.child.kill("SIGTERM");
  equal(await program.nextOutput(), "stopping\n");
  equal(await program.nextOutput(), "later\n");
  program.child.kill("SIGTERM");
  equal((await program.end()).code, 130);
});

integrationTest("stopRequested() counts a Ctrl-C that arrives twice as one", async () => {
  await using program = service("", `setTimeout(() => console.log("stopped in order"), 300)`);
  await program.nextOutput();
  program.child.kill("SIGINT");
  equal(await program.nextOutput(), "stopping\n");
  program.child.kill("SIGINT");
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
