import { type Context, Hono } from "@hono/hono";
import { bodyLimit } from "@hono/hono/body-limit";
import { underBase } from "@playground/shared/configuration";
import { failureReason } from "@playground/shared/http";
import { answerProblem, methodNotAllowed } from "./problem.ts";
import type { ServerEnvironment } from "./request_tracing.ts";

/** A fault is a name and two or three members. */
const MAX_BODY_BYTES = 10_000;
const TIMEOUT_MS = 5_000;

/**
 * `/api/faults`: forwards to whoever controls the faults of the backing services, word for word.
 */
export function faultRoutes(
  faultsUrl: URL,
  fetcher: typeof fetch = fetch,
): Hono<ServerEnvironment> {
  const forward = async (c: Context<ServerEnvironment>, path: string) => {
    const { method } = c.req;
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    try {
      const answer = await fetcher(underBase(faultsUrl, path), {
        method,
        signal,
        ...(method === "PUT"
          ? {
            body: await c.req.arrayBuffer(),
            headers: { "content-type": "application/json" },
          }
          : {}),
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
  const forwardOne = (c: Context<ServerEnvironment>) =>
    forward(c, `faults/${encodeURIComponent(c.req.param("name") ?? "")}`);

  return new Hono<ServerEnvironment>()
    .get("/", (c) => forward(c, "faults"))
    .delete("/", (c) => forward(c, "faults"))
    .all("/", (c) => methodNotAllowed(c, "GET, DELETE"))
    .put("/:name", bodyLimit({ maxSize: MAX_BODY_BYTES, onError: tooLarge }), (c) => {
      // A form of another site can send anything but this type.
      const type = c.req.header("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
      return type === "application/json" ? forwardOne(c) : answerProblem(c, {
        status: 415,
        title: "Unsupported media type",
        detail: "Cannot set the fault: its Content-Type is not JSON; send application/json",
      });
    })
    .delete("/:name", forwardOne)
    .all("/:name", (c) => methodNotAllowed(c, "PUT, DELETE"));
}

function tooLarge(c: Context<ServerEnvironment>): Response {
  return answerProblem(c, {
    status: 413,
    title: "Request too large",
    detail: `Cannot set the fault: the request has more than ${MAX_BODY_BYTES} bytes; send less`,
  });
}
