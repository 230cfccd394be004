import { SeededRandom } from "../fixture/random.ts";
import { type ServiceProcess, startService } from "../fixture/service_process.ts";
import { startStandInsProcess } from "../../tasks/standins/testing.ts";
import { type GeneratedRequest, generateRequest } from "./generated_request.ts";

interface FuzzResult {
  /** How many requests had each status; `left` where the caller did not wait, `closed` where the server just closed. */
  readonly counts: ReadonlyMap<string, number>;
  /** The requests that were answered 5xx other than 503, or not at all, and how. */
  readonly failures: readonly string[];
  /** The lines of the server's log that no request may cause. */
  readonly errors: readonly string[];
}

const CONCURRENCY = 16;
/** The longest that an answer may take: a confirm and a body have shorter limits of their own. */
const ANSWER_TIMEOUT_MS = 20_000;

/** Runs a message server with all that it talks to, each in a process of its own. */
export async function withFuzzedServer(
  run: (server: ServiceProcess) => Promise<void>,
): Promise<void> {
  await using standIns = await startStandInsProcess(["amqp", "zipkin"]);
  await using server = await startService("message-server", standIns.variables);
  await run(server);
}

export async function fuzz(
  server: ServiceProcess,
  count: number,
  seed: number,
): Promise<FuzzResult> {
  const url = new URL(server.url);
  const random = new SeededRandom(seed);
  const counts = new Map<string, number>();
  const failures: string[] = [];
  let left = count;
  const sendSome = async () => {
    while (left-- > 0) {
      const request = generateRequest(random);
      const answer = await send(url, request);
      counts.set(answer, (counts.get(answer) ?? 0) + 1);
      if (/^5(?!03)|^no answer/.test(answer)) {
        failures.push(
          `${answer} to ${JSON.stringify(new TextDecoder().decode(request.bytes)).slice(0, 600)}`,
        );
      }
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, sendSome));
  const errors = server.lines.filter((line) => /Request failed|"level":"ERROR"/.test(line));
  return { counts: new Map([...counts].toSorted()), failures, errors };
}

/** Sends a request on a connection of its own; returns the status and ignores the rest of the answer. */
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
