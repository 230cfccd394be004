import { type Context, Hono } from "@hono/hono";
import { underBase } from "@playground/shared/configuration";
import { failureReason, fetchWithCredentials } from "@playground/shared/http";
import { z } from "zod";
import { answerProblem, answerUnavailable } from "./problem.ts";
import { answerBodyRefusal, type BodyLimits, readBody } from "./request_body.ts";
import type { ServerEnvironment } from "./request_tracing.ts";

/** Only settings are passed on, not documents. */
const MAX_BODY_BYTES = 10_000;
const TIMEOUT_MS = 5_000;
const METHODS: readonly string[] = ["GET", "POST", "PUT", "DELETE"];

/** A problem (RFC 9457) that is passed on. Any other error is the other side's failure. */
const refusal = z.object({
  status: z.literal([404, 405, 413, 415, 422]),
  title: z.string(),
  detail: z.string(),
});

/**
 * Passes requests for a collection and its members on to another API, and its answers in JSON back, both unread: this server only
 * guards access. An error gets the request's trace id, like all errors.
 *
 * @param collection The path of the collection below the base address, such as `faults`.
 */
export function passThrough(
  baseUrl: URL,
  collection: string,
  bodies: BodyLimits,
): Hono<ServerEnvironment> {
  const fetcher = fetchWithCredentials(baseUrl);
  const pass = async (c: Context<ServerEnvironment>, path: string) => {
    const method = methodFor(c.req.method);
    if (method !== "POST" && method !== "PUT") return await ask(c, path, { method });
    const body = await readBody(c.req.raw, MAX_BODY_BYTES, bodies);
    if (body.status !== "read") return answerBodyRefusal(c, "pass the request on", body);
    using _reservation = body.reservation;
    const headers = { "content-type": c.req.header("content-type") ?? "" };
    return await ask(c, path, { method, headers, body: body.bytes });
  };
  const ask = async (c: Context<ServerEnvironment>, path: string, init: RequestInit) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    try {
      const answer = await fetcher(underBase(baseUrl, path), { ...init, signal });
      const value: unknown = await answer.json();
      if (answer.ok) return Response.json(value);
      const refused = refusal.safeParse(value);
      if (!refused.success) return unavailable(c, `it answered ${answer.status}`);
      const allow = answer.headers.get("allow");
      return answerProblem(c, {
        ...refused.data,
        headers: allow === null ? {} : { Allow: allow },
      });
    } catch (error) {
      const isLate = signal.aborted;
      return unavailable(c, isLate ? `no answer within ${TIMEOUT_MS} ms` : failureReason(error));
    }
  };
  return new Hono<ServerEnvironment>()
    .all("/", (c) => pass(c, collection))
    .all("/:name", (c) => pass(c, `${collection}/${encodeURIComponent(c.req.param("name"))}`));
}

/** For other methods, some of which `fetch` cannot send, OPTIONS returns the allowed ones. */
function methodFor(requested: string): string {
  if (requested === "HEAD") return "GET";
  return METHODS.includes(requested) ? requested : "OPTIONS";
}

function unavailable(c: Context<ServerEnvironment>, reason: string): Response {
  return answerUnavailable(
    c,
    "Control unavailable",
    `Cannot reach the control (FAULTS_URL): ${reason}; is the playground running?`,
  );
}
