import type { Answer } from "./document.ts";

export const EXAMPLE_TRACE_ID = "463ac35c9f6413ad48485a3978bb5ecc";

export function json(schema: string, description: string, example: unknown): Answer {
  return {
    description,
    content: {
      "application/json": { schema: { $ref: `#/components/schemas/${schema}` }, example },
    },
  };
}

export function problem(status: number, title: string, description: string): Answer {
  return {
    description,
    content: {
      "application/problem+json": {
        schema: { $ref: "#/components/schemas/Problem" },
        example: {
          type: "about:blank",
          title,
          status,
          detail: `Cannot answer: ${description}; …`,
          traceId: EXAMPLE_TRACE_ID,
        },
      },
    },
  };
}

export const NOT_ALLOWED = {
  401: problem(401, "Unauthorized", "The bearer token is missing or wrong"),
  403: problem(
    403,
    "Forbidden",
    "Without a token: a page of another web site asks, or the server is called by a name that is not its own",
  ),
} as const;
