import { deepEqual, equal } from "node:assert/strict";
import { EMAIL_TRACE, integrationTest, temporaryFolder } from "@playground/shared/testing";
import { startStandInsProcess } from "../testing.ts";
import { startZipkin } from "./mod.ts";

const TRACE_ID = "463ac35c9f6413ad48485a3978bb5ecc";

async function postSpans(url: string, spans: readonly unknown[]): Promise<number> {
  const response = await fetch(`${url}/api/v2/spans`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(spans),
  });
  await response.body?.cancel();
  return response.status;
}

integrationTest("startZipkin() keeps every accepted span through kill -9", async () => {
  await using folder = await temporaryFolder();
  {
    await using process = await startStandInsProcess(["zipkin"], folder.path);
    const { ZIPKIN_URL = "" } = process.variables;
    for (const span of EMAIL_TRACE) equal(await postSpans(ZIPKIN_URL, [span]), 202);
    await process.kill();
  }
  await using zipkin = await startZipkin({ port: 0, stateDirectory: folder.path });
  const response = await fetch(`${zipkin.url}/api/v2/trace/${TRACE_ID}`);
  deepEqual(new Set(await response.json()), new Set(EMAIL_TRACE));
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
