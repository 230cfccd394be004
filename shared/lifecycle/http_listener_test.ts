import { deepEqual, equal, match } from "node:assert/strict";
import { integrationTest, runDeno, waitFor } from "@playground/shared/testing";
import { HttpListener } from "./http_listener.ts";

const ANYWHERE = { hostname: "127.0.0.1", port: 0 };

/** Sends bytes, and reads the whole answer. */
async function send({ addr }: HttpListener, text: string): Promise<string> {
  const connection = await Deno.connect({ hostname: addr.hostname, port: addr.port });
  await connection.write(new TextEncoder().encode(text));
  return await new Response(connection.readable).text();
}

integrationTest("HttpListener answers a bad Host with 400 by itself", async () => {
  const asked: string[] = [];
  await using listener = new HttpListener(ANYWHERE, ({ url }) => {
    asked.push(url);
    return new Response();
  });
  for (const host of ["Host: a b\r\n", "Host: h:99999\r\n", ""]) {
    const answer = await send(listener, `GET / HTTP/1.1\r\n${host}Connection: close\r\n\r\n`);
    equal(answer.split("\r\n", 1)[0], "HTTP/1.1 400 Bad Request");
  }
  deepEqual(asked, []);
});

/** A listener, with a request to it that is not answered yet. */
async function startAsked(finishTimeoutMs?: number) {
  const answer = Promise.withResolvers<Response>();
  let isAsked = false;
  const listener = new HttpListener({ ...ANYWHERE, finishTimeoutMs }, () => {
    isAsked = true;
    return answer.promise;
  });
  const answered = fetch(`http://127.0.0.1:${listener.addr.port}/`)
    .then((response) => response.text());
  await waitFor("it is asked", () => isAsked);
  return { listener, answer, answered };
}

integrationTest(
  "HttpListener finishes an open request and stops listening when disposed",
  async () => {
    const { listener, answer, answered } = await startAsked();
    const ended = listener[Symbol.asyncDispose]();
    equal(listener.isStopping, true);
    await waitFor("it listens no more", async () => !await isListening(listener.addr));
    answer.resolve(new Response("answered"));
    equal(await answered, "answered");
    await ended;
  },
);

integrationTest("HttpListener waits for an open request only up to its time limit", async () => {
  const { listener, answer, answered } = await startAsked(1);
  await listener[Symbol.asyncDispose]();
  answer.resolve(new Response());
  await answered;
});

integrationTest(
  "HttpListener cuts off everything at once without a time limit to wait",
  async () => {
    const listener = new HttpListener({ ...ANYWHERE, finishTimeoutMs: 0 }, () => new Response());
    const answer = send(
      listener,
      "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n",
    );
    await listener[Symbol.asyncDispose]();
    await answer.catch(() => "reset");
  },
);

async function isListening({ hostname, port }: Deno.NetAddr): Promise<boolean> {
  try {
    (await Deno.connect({ hostname, port })).close();
    return true;
  } catch {
    return false;
  }
}

integrationTest("listenOrExit() says what to do when the port is taken, and exits 1", async () => {
  using taken = Deno.listen(ANYWHERE);
  const { port } = taken.addr;
  const program = `
    import { listenOrExit } from "@playground/shared/lifecycle";
    listenOrExit({ hostname: "127.0.0.1", port: ${port}, variable: "PORT" }, () => new Response());
  `;
  const { code, output } = await runDeno(["eval", "--no-check", program]);
  equal(code, 1);
  match(
    output,
    new RegExp(`^Cannot listen on 127\\.0\\.0\\.1:${port}: .+; set PORT to a free port`),
  );
  equal(output.includes("at file:"), false, output);
});
