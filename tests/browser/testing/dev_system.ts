import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { waitFor } from "./conditions.ts";

/** A whole system, started as a person starts it: `deno task dev`, on free ports and in a folder of its own. */
export interface DevSystem extends AsyncDisposable {
  readonly pageUrl: URL;
  readonly faultsUrl: URL;
  readonly variables: Readonly<Record<string, string>>;
}

interface FaultList {
  readonly faults: readonly {
    readonly name: string;
    readonly active: { readonly hitCount: number } | null;
  }[];
}

/** The first start on a machine may have to download packages. */
const START_TIMEOUT_MS = 60_000;

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

export async function startDevSystem(
  settings: Readonly<Record<string, string>> = {},
): Promise<DevSystem> {
  await using resources = new AsyncDisposableStack();
  const stateDirectory = await Deno.makeTempDir();
  resources.defer(() => Deno.remove(stateDirectory, { recursive: true }));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", join(ROOT, "tasks/dev/main.ts"), "--state", stateDirectory],
    cwd: ROOT,
    env: {
      NO_COLOR: "1",
      PORT: "0",
      POLL_INTERVAL_SECONDS: "1",
      // The operating system closes the pipe even when the test run is killed.
      STOP_AT_STDIN_EOF: "true",
      ...settings,
    },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let output = "";
  const ended = Promise.all([
    child.status,
    ...[child.stdout, child.stderr].map(async (stream) => {
      for await (const text of stream.pipeThrough(new TextDecoderStream())) output += text;
    }),
  ]);
  let isRunning = true;
  void child.status.then(() => isRunning = false);
  resources.defer(async () => {
    await child.stdin.close().catch(() => {});
    await ended;
  });
  await waitFor(() => output.includes("Ready in") || !isRunning, START_TIMEOUT_MS)
    .catch((error) => output += error);
  if (!output.includes("Ready in")) {
    throw new Error(`Cannot go on: the system did not become ready; it printed:\n${output}`);
  }
  const { variables, ...urls } = JSON.parse(
    await Deno.readTextFile(join(stateDirectory, "urls.json")),
  );
  const started = resources.move();
  return {
    pageUrl: new URL(urls.messageServer),
    faultsUrl: new URL(urls.faults),
    variables,
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

export async function setFault(
  { faultsUrl }: DevSystem,
  name: string,
  value?: string,
): Promise<void> {
  await sendJson(
    "PUT",
    new URL(`/faults/${name}`, faultsUrl),
    value === undefined ? {} : { value },
  );
}

export async function clearFaults({ faultsUrl }: DevSystem): Promise<void> {
  await sendJson("DELETE", new URL("/faults", faultsUrl), {});
}

/** Waits until a fault has struck so often since it was set. The spans tell it later: an email may have gone on meanwhile. */
export async function untilStruck(
  { faultsUrl }: DevSystem,
  name: string,
  count = 1,
): Promise<void> {
  await waitFor(async () => {
    const { faults }: FaultList = await (await fetch(new URL("/faults", faultsUrl))).json();
    return faults.some((fault) => fault.name === name && (fault.active?.hitCount ?? 0) >= count);
  });
}

/** What the page's API answers; `undefined` for an error. */
export async function read<Body>({ pageUrl }: DevSystem, path: string): Promise<Body | undefined> {
  const response = await fetch(new URL(path, pageUrl));
  const body = await response.json();
  return response.ok ? body : undefined;
}

/** A span of a service, which may have any name, in a trace of its own. */
export function spanOf(serviceName: string, facts: object = {}) {
  const traceId = crypto.randomUUID().replaceAll("-", "");
  const timestamp = Date.now() * 1_000;
  const localEndpoint = { serviceName };
  return { traceId, id: traceId.slice(0, 16), timestamp, duration: 9_000, localEndpoint, ...facts };
}

/** Hands spans to the collector, as any service could. */
export async function report({ variables }: DevSystem, spans: readonly object[]): Promise<void> {
  await sendJson("POST", new URL("/api/v2/spans", variables.ZIPKIN_URL), spans);
}

/** Waits until the message server takes emails: after a fault of the broker it needs a moment to connect again. */
export async function untilReady({ pageUrl }: DevSystem): Promise<void> {
  await waitFor(async () => {
    const response = await fetch(new URL("/readyz", pageUrl));
    await response.body?.cancel();
    return response.ok;
  });
}

export async function sendJson(
  method: string,
  url: URL,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const response = await fetch(url, {
    method,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`Cannot ${method} ${url}: ${response.status} ${text}`);
  return text;
}
