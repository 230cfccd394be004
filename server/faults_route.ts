import { type Context, Hono } from "@hono/hono";
import { underBase } from "@playground/shared/configuration";
import { failureReason, fetchWithCredentials } from "@playground/shared/http";
import { answerProblem, methodNotAllowed } from "./problem.ts";
import { answerBodyRefusal, type BodyLimits, readBody } from "./request_body.ts";
import type { ServerEnvironment } from "./request_tracing.ts";

/** A fault is a name and two or three members. */
const MAX_BODY_BYTES = 10_000;
const TIMEOUT_MS = 5_000;

/**
 * `/api/faults`: forwards to whoever controls the faults of the backing services, word for word.
 */
export function faultRoutes(
  faultsUrl: URL,
  bodies: BodyLimits,
  fetcher: typeof fetch = fetchWithCredentials(faultsUrl),
): Hono<ServerEnvironment> {
  const forward = async (
    c: Context<ServerEnvironment>,
    path: string,
    init: RequestInit = {},
  ) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    try {
      const answer = await fetcher(underBase(faultsUrl, path), {
        method: c.req.method,
        signal,
        ...init,
      });
      const { status } = answer;
      const type = answer.headers.get("content-type") ?? "application/json";
      return c.newResponse(
        await answer.text(),
        new Response(null, { status, headers: { "content-type": type } }),
      );
    } catch (error) {
      const reason = signal.aborted ? `no answer within ${TIMEOUT_MS} ms` : failureReason(error);
      return answerProblem(c, {
        status: 503,
        title: "Faults unavailable",
        detail: `Cannot reach the faults' control: ${reason}; is the playground running?`,
        headers: { "Retry-After": "5" },
      });
    }
  };
  const forwardOne = (c: Context<ServerEnvironment>, init?: RequestInit) =>
    forward(c, `faults/${encodeURIComponent(c.req.param("name") ?? "")}`, init);

  return new Hono<ServerEnvironment>()
    .get("/", (c) => forward(c, "faults"))
    .delete("/", (c) => forward(c, "faults"))
    .all("/", (c) => methodNotAllowed(c, "GET, DELETE"))
    .put("/:name", async (c) => {
      // A form of another site can send anything but this type.
      const type = c.req.header("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
      if (type !== "application/json") {
        return answerProblem(c, {
          status: 415,
          title: "Unsupported media type",
          detail: "Cannot set the fault: its Content-Type is not JSON; send application/json",
        });
      }
      const body = await readBody(c.req.raw, MAX_BODY_BYTES, bodies);
      if (body.status !== "read") return answerBodyRefusal(c, "set the fault", body);
      using _reservation = body.reservation;
      return await forwardOne(c, {
        body: body.bytes,
        headers: { "content-type": "application/json" },
      });
    })
    .delete("/:name", (c) => forwardOne(c))
    .all("/:name", (c) => methodNotAllowed(c, "PUT, DELETE"));
}
