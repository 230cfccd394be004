/** The parts of an OpenAPI document that are used here (https://spec.openapis.org/oas/v3.1.0). */
export interface ApiDocument {
  readonly openapi: "3.1.0";
  readonly info: {
    readonly title: string;
    readonly version: string;
    readonly description: string;
    readonly contact: { readonly name: string };
    readonly license: { readonly name: string; readonly identifier: string };
  };
  readonly servers: readonly { readonly url: string; readonly description: string }[];
  /** The security of every operation. */
  readonly security: readonly Readonly<Record<string, readonly []>>[];
  readonly tags: readonly { readonly name: Tag; readonly description: string }[];
  readonly paths: Paths;
  readonly components: { readonly securitySchemes: Schemas; readonly schemas: Schemas };
}

type Tag = "Emails" | "Dead letters" | "Faults" | "Lessons";
export type Schemas = Readonly<Record<string, object>>;
export type Paths = Readonly<Record<string, PathItem>>;
export type PathItem = Readonly<Partial<Record<"get" | "post" | "put" | "delete", Operation>>>;

export interface Operation {
  readonly operationId: string;
  readonly tags: readonly [Tag];
  readonly summary: string;
  readonly description: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required: true; readonly content: Content };
  readonly responses: Readonly<Record<number, Answer>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly description: string;
  readonly schema: object;
  readonly example?: string | number;
}

export interface Answer {
  readonly description: string;
  readonly headers?: Schemas;
  readonly content?: Content;
}

/** A body, by media type. */
export type Content = Readonly<
  Record<string, { readonly schema: object; readonly example: unknown }>
>;

export const EXAMPLE_TRACE_ID = "463ac35c9f6413ad48485a3978bb5ecc";

/** A body that is JSON, by the name of its schema. */
export function jsonContent(schema: string, example: unknown): Content {
  return { "application/json": { schema: reference(schema), example } };
}

export function json(schema: string, description: string, example: unknown): Answer {
  return { description, content: jsonContent(schema, example) };
}

export function problem(status: number, title: string, description: string): Answer {
  const detail = `Cannot answer: ${description}; …`;
  const example = { type: "about:blank", title, status, detail, traceId: EXAMPLE_TRACE_ID };
  return {
    description,
    content: { "application/problem+json": { schema: reference("Problem"), example } },
  };
}

function reference(schema: string): object {
  return { $ref: `#/components/schemas/${schema}` };
}

export const NOT_ALLOWED = {
  401: problem(401, "Unauthorized", "The bearer token is missing or wrong"),
  403: problem(
    403,
    "Forbidden",
    "Without a token: the request comes from another web site's page, or calls the server by another name",
  ),
} as const;

/** Why a body is not read. */
export const UNREADABLE = {
  408: problem(408, "Request timeout", "The body did not arrive in time"),
  413: problem(413, "Request too large", "The request is too large"),
  415: problem(
    415,
    "Unsupported media type",
    "The request is not JSON, or it has a Content-Encoding",
  ),
} as const;
