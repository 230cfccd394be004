import type { Context } from "@hono/hono";

/**
 * What Mailtrap's API answers when it does not do what it was asked (https://docs.mailtrap.io). The stand-in fails in
 * most of these ways only as a fault, on purpose.
 */
const API_ERRORS = {
  unauthorized: { status: 401, body: { error: "Incorrect API token" } },
  forbidden: { status: 403, body: { errors: "Account access forbidden" } },
  notFound: { status: 404, body: { error: "Not Found" } },
  rateLimited: { status: 429, body: { errors: "Rate limit exceeded" } },
  unavailable: { status: 503, body: { error: "Service Unavailable" } },
  internal: { status: 500, body: { error: "Internal Server Error" } },
} as const;

/** One of the failures that the API has an answer for. */
export type ApiFailure = keyof typeof API_ERRORS;

/** Says that a route is Mailtrap's only, unlike one whose message is unknown. */
export function notImplemented(context: Context): Response {
  const { method, path } = context.req;
  const error = `Cannot answer ${method} ${path}: the stand-in has no such route; use Mailtrap`;
  return context.json({ error }, 501);
}

/** Answers with one of Mailtrap's errors. */
export function apiError(context: Context, failure: ApiFailure): Response {
  const { status, body } = API_ERRORS[failure];
  return context.json(body, status);
}
