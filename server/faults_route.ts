import { type Context, Hono } from "@hono/hono";
import { underBase } from "@playground/shared/configuration";
import { failureReason, fetchWithCredentials } from "@playground/shared/http";
import { z } from "zod";
import { answerProblem, methodNotAllowed } from "./problem.ts";
import { answerBodyRefusal, type BodyLimits, readBody } from "./request_body.ts";
import type { ServerEnvironment } from "./request_tracing.ts";

/** A fault is a name and two or three members. */
const MAX_BODY_BYTES = 10_000;
const TIMEOUT_MS = 5_000;
const JSON_TYPE = { "content-type": "application/json" } as const;

/** What the control refuses a request with (RFC 9457). */
const refusal = z.object({
  status: z.literal([404, 413, 415, 422]),
  title: z.string(),
  detail: z.string(),
});

/**
 * `/api/faults`: forwards to whoever controls the faults of the backing services. A refusal gets the trace id of the request, as
 * all errors have it.
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
      if (answer.ok) return c.body(await answer.text(), 200, JSON_TYPE);
      const refused = refusal.safeParse(await answer.json());
      return refused.success
        ? answerProblem(c, refused.data)
        : unavailable(c, `it answered ${answer.status}`);
    } catch (error) {
      const isLate = signal.aborted;
      return unavailable(c, isLate ? `no answer within ${TIMEOUT_MS} ms` : failureReason(error));
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
        headers: JSON_TYPE,
      });
    })
    .delete("/:name", (c) => forwardOne(c))
    .all("/:name", (c) => methodNotAllowed(c, "PUT, DELETE"));
}

function unavailable(c: Context<ServerEnvironment>, reason: string): Response {
  return answerProblem(c, {
    status: 503,
    title: "Faults unavailable",
    detail: `Cannot reach the faults' control: ${reason}; is the playground running?`,
    headers: { "Retry-After": "5" },
  });
}
