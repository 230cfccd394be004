import { failureReason } from "../http/failure.ts";
import { COMMIT, VERSION } from "../version.ts";

type HealthAddress = Pick<Deno.NetAddr, "hostname" | "port">;

interface CommandLineOptions {
  readonly service: string;
  /** The service's health address; read only for `healthcheck`, so that `--version` needs no configuration. */
  readonly health: () => HealthAddress;
}

const TIMEOUT_MS = 5_000;

/**
 * Answers `--version` and `healthcheck` and ends the process; for anything else it returns, and the service starts.
 *
 * `healthcheck` asks the service that runs with the same configuration, for images without a shell and an HTTP client. The exit
 * code is 0 if it is alive, else 1, with the reason. `healthcheck --ready` asks whether it can do its work.
 */
export async function answerCommandLine({ service, health }: CommandLineOptions): Promise<void> {
  switch (Deno.args[0]) {
    case "--version":
      console.log(
        `${service} ${VERSION} (commit ${COMMIT ?? "unknown"}, Deno ${Deno.version.deno})`,
      );
      return Deno.exit(0);
    case "healthcheck": {
      const [path, answer] = Deno.args.includes("--ready")
        ? ["/readyz", "ready"] as const
        : ["/healthz", "healthy"] as const;
      const problem = await problemOf(health(), path);
      if (problem !== undefined) console.error(`${service} is not ${answer}: ${problem}`);
      return Deno.exit(problem === undefined ? 0 : 1);
    }
  }
}

/**
 * Asks the address that the service listens on, even `0.0.0.0`, which means this machine (RFC 1122 section 3.2.1.3): a service
 * has no other permission.
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
