import { type ListenOptions, listenOrExit } from "./listen.ts";

/** Whether a service can do its work, and if not, why. */
export type Readiness = { readonly ready: true } | {
  readonly ready: false;
  readonly reason: string;
};

/** What a service tells of itself. */
export interface HealthSources {
  /** Whether it can do its work. */
  readonly readiness: () => Readiness;
  /** How many spans it has lost on their way to the collector, which hinders no work. */
  readonly lostSpanCount: () => number;
}

/**
 * Answers `GET /healthz` (the process lives) and `GET /readyz` (it can do its work, else 503 with the reason).
 *
 * @param request Any request.
 * @param sources Asked for `/readyz`.
 * @returns The answer, or `undefined` for another path.
 */
export function answerHealth(
  request: Request,
  { readiness, lostSpanCount }: HealthSources,
): Response | undefined {
  switch (new URL(request.url).pathname) {
    case "/healthz":
      return Response.json({ alive: true });
    case "/readyz": {
      const state = readiness();
      return Response.json(
        { ...state, lostSpanCount: lostSpanCount() },
        { status: state.ready ? 200 : 503 },
      );
    }
    default:
      return undefined;
  }
}

/**
 * Serves the health of a service that has no other HTTP port.
 *
 * @param listener Where.
 * @param sources Asked for `/readyz`.
 * @returns The server; disposing it stops it.
 */
export function serveHealth(
  listener: ListenOptions,
  sources: HealthSources,
): Deno.HttpServer<Deno.NetAddr> {
  return listenOrExit(
    listener,
    (request) =>
      answerHealth(request, sources) ??
        new Response("Cannot answer: not found\n", { status: 404 }),
  );
}
