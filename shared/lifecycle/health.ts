import type { HttpListener } from "./http_listener.ts";
import { type ListenOptions, listenOrExit } from "./listen.ts";

/** Whether a service can do its work, and if not, why. A warning says what somebody should look at either way. */
export type Readiness =
  | { readonly ready: true; readonly warning?: string }
  | { readonly ready: false; readonly reason: string; readonly warning?: string };

/** What a service tells of itself. */
export interface HealthSources {
  /** Whether it can do its work. */
  readonly readiness: () => Readiness | Promise<Readiness>;
  /** How many spans it has lost on their way to the collector, which hinders no work. */
  readonly lostSpanCount: () => number;
}

/** Answers requests for other paths than those of the health. */
export type AnswerRequest = (request: Request) => Promise<Response | undefined>;

/**
 * Answers `GET /healthz` (the process lives) and `GET /readyz` (it can do its work, else 503 with the reason). Another method than
 * GET and HEAD is answered 405.
 *
 * @param request Any request.
 * @param sources Asked for `/readyz`.
 * @returns The answer, or `undefined` for another path.
 */
export function answerHealth(
  request: Request,
  sources: HealthSources,
): Response | Promise<Response> | undefined {
  const { pathname } = new URL(request.url);
  if (pathname !== "/healthz" && pathname !== "/readyz") return undefined;
  if (request.method !== "GET" && request.method !== "HEAD") {
    return new Response("Cannot answer: this path takes GET and HEAD only; use GET\n", {
      status: 405,
      headers: { Allow: "GET, HEAD" },
    });
  }
  return pathname === "/healthz" ? Response.json({ alive: true }) : answerReadiness(sources);
}

async function answerReadiness(sources: HealthSources): Promise<Response> {
  const state = await sources.readiness();
  return Response.json(
    { ...state, lostSpanCount: sources.lostSpanCount() },
    { status: state.ready ? 200 : 503 },
  );
}

/**
 * Serves the health of a service that has no other HTTP port.
 *
 * @param listener Where.
 * @param sources Asked for `/readyz`.
 * @param answerOther Answers what is not about the health. @default 404 for all of it
 * @returns The server; disposing it stops it.
 */
export function serveHealth(
  listener: ListenOptions,
  sources: HealthSources,
  answerOther: AnswerRequest = () => Promise.resolve(undefined),
): HttpListener {
  return listenOrExit(
    listener,
    async (request) =>
      answerHealth(request, sources) ?? await answerOther(request) ??
        new Response("Cannot answer: not found\n", { status: 404 }),
  );
}
