import type { Context } from "@hono/hono";
import { answerProblem } from "./problem.ts";
import { answerBodyRefusal, type BodyLimits, readBody } from "./request_body.ts";
import type { ServerEnvironment } from "./request_tracing.ts";

const decoder = new TextDecoder("utf-8", { fatal: true });

/** A JSON value; its bytes stay reserved until it is disposed. */
interface JsonBody extends Disposable {
  readonly value: unknown;
}

/** Reads the JSON body of a request, or answers why it cannot. `what` is what the body is, such as "the email". */
export async function readJson(
  c: Context<ServerEnvironment>,
  what: string,
  maxBytes: number,
  bodies: BodyLimits,
): Promise<JsonBody | Response> {
  if (!isJson(c.req.header("content-type"))) {
    return answerProblem(c, {
      status: 415,
      title: "Unsupported media type",
      detail: `Cannot read ${what}: its Content-Type is not JSON; send application/json`,
    });
  }
  const body = await readBody(c.req.raw, maxBytes, bodies);
  if (body.status !== "read") return answerBodyRefusal(c, `read ${what}`, body);
  try {
    const value: unknown = JSON.parse(decoder.decode(body.bytes));
    return { value, [Symbol.dispose]: () => body.reservation[Symbol.dispose]() };
  } catch (error) {
    body.reservation[Symbol.dispose]();
    // V8's message quotes the text around the error, which may be private.
    const reason = error instanceof SyntaxError ? "it is not valid JSON" : "it is not valid UTF-8";
    return answerProblem(c, {
      status: 400,
      title: "Invalid JSON",
      detail: `Cannot read ${what}: ${reason}; send one JSON document in UTF-8`,
    });
  }
}

/** `application/json` and the `+json` types; as in the original, a request without a content type counts as JSON. */
function isJson(contentType: string | undefined): boolean {
  if (contentType === undefined) return true;
  const type = contentType.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  return type === "application/json" || /^application\/[\w.-]+\+json$/.test(type);
}
