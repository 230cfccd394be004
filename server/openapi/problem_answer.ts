/** An answer that is an error, as OpenAPI describes it. */
export interface ProblemAnswer {
  /** When it is given. */
  readonly description: string;
  /** Its body. */
  readonly content: object;
}

/** Describes an answer that is an error. */
export function problem(description: string): ProblemAnswer {
  return {
    description,
    content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
  };
}

/** What a caller without the token is answered. */
export const UNAUTHORIZED: ProblemAnswer = problem("The bearer token is missing or wrong");

/** What is answered, where no token is asked for, to whom a web site sent. */
export const FORBIDDEN: ProblemAnswer = problem(
  "Without a token: a page of another web site asks, or the server is called by a name that is not its own",
);
