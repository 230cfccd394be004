import { deepEqual, ok } from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import { acceptEmail } from "../fixture/emails.ts";
import { SeededRandom } from "../fixture/random.ts";
import { ServiceProcess } from "../fixture/service_process.ts";
import { startStandInsProcess } from "../fixture/stand_ins_process.ts";
import { type GeneratedRequest, generateRequest } from "./generated_request.ts";

const REQUESTS = 2_000;
const CONCURRENCY = 16;
/** The longest that an answer may take: a confirm and a body have shorter limits of their own. */
const ANSWER_TIMEOUT_MS = 20_000;

integrationTest("no generated request is answered 5xx other than 503", async () => {
  await using resources = new AsyncDisposableStack();
  const { variables: environment } = await startStandInsProcess(["amqp", "zipkin"], resources);
  await using server = new ServiceProcess("message-server", { environment });
  await server.ready();
  const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  const random = new SeededRandom(seed);
  const answers = new Set<string>();
  const failures: string[] = [];
  let left = REQUESTS;
  const sendSome = async () => {
    while (left-- > 0) {
      const request = generateRequest(random);
      const answer = await send(new URL(server.url), request);
      answers.add(answer);
      if (!/^5(?!03)|^no answer/.test(answer)) continue;
      const text = JSON.stringify(new TextDecoder().decode(request.bytes)).slice(0, 600);
      failures.push(`${answer} to ${text}`);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, sendSome));
  failures.push(...server.lines.filter((line) => /Request failed|"level":"ERROR"/.test(line)));
  deepEqual(failures, [], `with the seed ${seed}`);
  for (const status of ["200", "202", "400", "415", "422"]) ok(answers.has(status), status);
  await acceptEmail(server);
});

/**
 * Sends a request on a connection of its own. Returns the status and ignores the rest of the answer; `left` where the caller does
 * not wait, `closed` where the server just closes.
 */
async function send(url: URL, { bytes, isWhole }: GeneratedRequest): Promise<string> {
  using connection = await Deno.connect({ hostname: url.hostname, port: Number(url.port) });
  let sentBytes = 0;
  try {
    while (sentBytes < bytes.length) sentBytes += await connection.write(bytes.subarray(sentBytes));
  } catch {
    // It may have closed already, with or without an answer.
  }
  if (!isWhole) return "left";
  const timer = setTimeout(() => connection.close(), ANSWER_TIMEOUT_MS);
  let text = "";
  try {
    const buffer = new Uint8Array(4_096);
    while (!text.includes("\r\n")) {
      const size = await connection.read(buffer);
      if (size === null) return "closed";
      text += new TextDecoder().decode(buffer.subarray(0, size));
    }
  } catch (error) {
    return error instanceof Deno.errors.ConnectionReset ? "closed" : "no answer";
  } finally {
    clearTimeout(timer);
  }
  return /^HTTP\/1\.[01] (?<status>\d{3}) /.exec(text)?.groups?.status ?? "no answer";
}
