import { type ListenOptions, listenOrExit } from "./listen.ts";

/** Whether a service can do its work, and if not, why. */
export type Readiness = { readonly ready: true } | {
  readonly ready: false;
  readonly reason: string;
};

/**
 * Answers `GET /healthz` (the process lives) and `GET /readyz` (it can do its work, else 503 with the reason).
 *
 * @param request Any request.
 * @param readiness Asked for `/readyz`.
 * @returns The answer, or `undefined` for another path.
 */
export function answerHealth(request: Request, readiness: () => Readiness): Response | undefined {
  switch (new URL(request.url).pathname) {
    case "/healthz":
      return Response.json({ alive: true });
    case "/readyz": {
      const state = readiness();
      return Response.json(state, { status: state.ready ? 200 : 503 });
    }
    default:
      return undefined;
  }
}

/**
 * Serves the health of a service that has no other HTTP port.
 *
 * @param listener Where.
 * @param readiness Asked for `/readyz`.
 * @returns The server; disposing it stops it.
 */
export function serveHealth(
  listener: ListenOptions,
  readiness: () => Readiness,
): Deno.HttpServer<Deno.NetAddr> {
  return listenOrExit(
    listener,
    (request) =>
      answerHealth(request, readiness) ??
        new Response("Cannot answer: not found\n", { status: 404 }),
  );
}
