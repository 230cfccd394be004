import { refuseMethod } from "../http/access.ts";
import { requestUrl } from "../http/request_url.ts";
import { type HttpListener, type ListenOptions, listenOrExit } from "./http_listener.ts";

/** Whether a service can do its work, and if not, why. A warning needs attention either way. */
export type Readiness =
  | { readonly ready: true; readonly warning?: string }
  | { readonly ready: false; readonly reason: string; readonly warning?: string };

/** What a service reports about itself. */
export interface HealthSources {
  readonly readiness: () => Readiness | Promise<Readiness>;
  /** How many spans it has lost so far, which does not affect its readiness. */
  readonly lostSpanCount: () => number;
}

/**
 * Answers `GET /healthz` (the process lives) and `GET /readyz` (it can do its work, else 503 with the reason), and `undefined`
 * for another path. Other methods than GET and HEAD get 405.
 */
export function answerHealth(
  request: Request,
  sources: HealthSources,
): Response | Promise<Response> | undefined {
  const { pathname } = requestUrl(request);
  if (pathname !== "/healthz" && pathname !== "/readyz") return undefined;
  return refuseMethod(request) ??
    (pathname === "/healthz" ? Response.json({ alive: true }) : answerReadiness(sources));
}

async function answerReadiness(sources: HealthSources): Promise<Response> {
  const state = await sources.readiness();
  return Response.json(
    { ...state, lostSpanCount: sources.lostSpanCount() },
    { status: state.ready ? 200 : 503 },
  );
}

/** Serves the health of a service that has no other HTTP port. What `answerOther` does not answer gets 404. */
export function serveHealth(
  listener: ListenOptions,
  sources: HealthSources,
  answerOther: (request: Request) => Promise<Response | undefined> | undefined = () => undefined,
): HttpListener {
  return listenOrExit(
    listener,
    async (request) =>
      answerHealth(request, sources) ?? await answerOther(request) ??
        new Response("Cannot answer: not found\n", { status: 404 }),
  );
}
