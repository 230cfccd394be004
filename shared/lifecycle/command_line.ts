import { failureReason } from "../http/failure_reason.ts";
import { COMMIT, VERSION } from "../version.ts";

/** Where a service tells its health. */
export interface HealthAddress {
  /** The address that it listens on. */
  readonly hostname: string;
  /** The port. */
  readonly port: number;
}

/** What a service answers on the command line. */
export interface CommandLineOptions {
  /** The service's name. */
  readonly service: string;
  /** Where it tells its health; read for `healthcheck` only, so that `--version` needs no configuration. */
  readonly health: () => HealthAddress;
}

/** What `healthcheck` can ask for: whether the service lives, or whether it can do its work. */
const QUESTIONS = {
  alive: { path: "/healthz", answer: "healthy" },
  ready: { path: "/readyz", answer: "ready" },
} as const;

/** A service that does not answer in this time is not well. */
const TIMEOUT_MS = 5_000;

/**
 * Answers `--version` and `healthcheck` and ends the process; for anything else it returns, and the service starts.
 *
 * `healthcheck` asks the service that runs with the same configuration, for images that have no shell and no HTTP client: exit
 * code 0 if it is alive, else 1 and the reason. `healthcheck --ready` asks whether it can do its work.
 */
export async function answerCommandLine({ service, health }: CommandLineOptions): Promise<void> {
  switch (Deno.args[0]) {
    case "--version":
      console.log(
        `${service} ${VERSION} (commit ${COMMIT ?? "unknown"}, Deno ${Deno.version.deno})`,
      );
      return Deno.exit(0);
    case "healthcheck": {
      const { path, answer } = QUESTIONS[Deno.args.includes("--ready") ? "ready" : "alive"];
      const problem = await problemOf(health(), path);
      if (problem !== undefined) console.error(`${service} is not ${answer}: ${problem}`);
      return Deno.exit(problem === undefined ? 0 : 1);
    }
  }
}

/**
 * Asks the very address that is listened on, `0.0.0.0` too, which means this machine (RFC 1122 section 3.2.1.3): the permission
 * to listen there is the only one that a service has.
 */
async function problemOf(
  { hostname, port }: HealthAddress,
  path: string,
): Promise<string | undefined> {
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  const url = `http://${host}:${port}${path}`;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const { reason }: Readonly<Record<string, unknown>> = {
      ...await response.json().catch(() => undefined),
    };
    if (response.ok) return undefined;
    return typeof reason === "string" ? reason : `${url} answered ${response.status}`;
  } catch (error) {
    return `${url} did not answer: ${failureReason(error)}`;
  }
}
