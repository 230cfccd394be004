import { deepEqual, equal, notEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { EMAIL_TRACE, integrationTest } from "@playground/shared/testing";
import { startZipkin } from "./mod.ts";

const HEADERS = { "content-type": "application/json" };
const TRACE_ID = "463ac35c9f6413ad48485a3978bb5ecc";

async function postSpans(url: string, spans: readonly unknown[]): Promise<number> {
  const body = JSON.stringify(spans);
  const response = await fetch(`${url}/api/v2/spans`, { method: "POST", headers: HEADERS, body });
  await response.body?.cancel();
  return response.status;
}

async function countSpans(url: string): Promise<number> {
  const response = await fetch(`${url}/api/v2/trace/${TRACE_ID}`);
  const spans: unknown = await response.json();
  return Array.isArray(spans) ? spans.length : 0;
}

/** A folder that is removed at the end. */
async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir();
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** The collector in a process of its own, so that it can be killed. */
async function startChild(stateDirectory: string) {
  const main = fileURLToPath(new URL("./main.ts", import.meta.url));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-P=standins", main, "--port", "0", "--state", stateDirectory],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  let output = "";
  const url = Promise.withResolvers<string>();
  const read = (async () => {
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      output += chunk;
      const found = output.match(/http:\/\/127\.0\.0\.1:\d+/);
      if (found !== null) url.resolve(found[0]);
    }
    url.reject(new Error(`The collector ended before it listened: ${output}`));
  })();
  return {
    url: await url.promise,
    async kill() {
      child.kill("SIGKILL");
      await child.status;
      await read;
    },
  };
}

integrationTest("startZipkin() keeps every accepted span through kill -9", async () => {
  await using folder = await temporaryFolder();
  const child = await startChild(folder.path);
  try {
    for (const span of EMAIL_TRACE) equal(await postSpans(child.url, [span]), 202);
  } finally {
    await child.kill();
  }
  await using zipkin = await startZipkin({ port: 0, stateDirectory: folder.path });
  equal(await countSpans(zipkin.url), EMAIL_TRACE.length);
});

integrationTest("startZipkin() finds its spans again after a clean stop", async () => {
  await using folder = await temporaryFolder();
  {
    await using zipkin = await startZipkin({ port: 0, stateDirectory: folder.path });
    equal(await postSpans(zipkin.url, EMAIL_TRACE), 202);
  }
  await using zipkin = await startZipkin({ port: 0, stateDirectory: folder.path });
  equal(await countSpans(zipkin.url), EMAIL_TRACE.length);
});

integrationTest("startZipkin() takes another port when the wanted one is taken", async () => {
  await using first = await startZipkin({ port: 0 });
  const port = Number(new URL(first.url).port);
  await using second = await startZipkin({ port });
  notEqual(second.url, first.url);
  deepEqual([await postSpans(first.url, []), await postSpans(second.url, [])], [202, 202]);
});

integrationTest(
  "startZipkin() closes at once while a client leaves a request half sent",
  async () => {
    const zipkin = await startZipkin({ port: 0 });
    using connection = await Deno.connect({ port: Number(new URL(zipkin.url).port) });
    const head =
      "POST /api/v2/spans HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n" +
      "content-length: 100\r\n\r\n[{";
    await connection.write(new TextEncoder().encode(head));
    equal(await postSpans(zipkin.url, EMAIL_TRACE), 202); // by now the half request has arrived
    await zipkin[Symbol.asyncDispose]();
    equal(await connection.read(new Uint8Array(1)).catch(() => null), null);
  },
);

integrationTest("startZipkin() outlives malformed requests", async () => {
  await using zipkin = await startZipkin({ port: 0 });
  for (const body of ["[", '[{"traceId":', "\u0000", "[".repeat(100_000), '[{"a":1}']) {
    const response = await fetch(`${zipkin.url}/api/v2/spans`, {
      method: "POST",
      headers: HEADERS,
      body,
    });
    equal(response.status, 400);
    await response.body?.cancel();
  }
  equal(await postSpans(zipkin.url, EMAIL_TRACE), 202);
});
