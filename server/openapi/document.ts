/** The parts of an OpenAPI document that are used here (https://spec.openapis.org/oas/v3.1.0). @module */
import { z } from "zod";
import type { SchemaName } from "./schemas.ts";

type Tag = "Emails" | "Dead letters" | "Faults" | "Lessons";
type PathItem = Partial<Record<"get" | "post" | "put" | "delete", Operation>>;
/** By route, such as `GET /api/emails`; without what all operations have, see {@linkcode tagged}. */
export type Operations = Readonly<Record<string, Description>>;

export interface Description {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  /** What validates the parameters of the path, the query and, where `in` says so, the head. */
  readonly parameters?: z.ZodType;
  readonly requestBody?: { readonly required: true; readonly content: Content };
  readonly responses: Answers;
}

export interface Operation extends Omit<Description, "parameters"> {
  readonly parameters?: readonly Parameter[];
  readonly tags: readonly [Tag];
}

interface Parameter {
  readonly name: string;
  readonly in: unknown;
  readonly required: boolean;
  readonly description: string | undefined;
  readonly schema: object;
  readonly example: unknown;
}

export interface Answer {
  readonly description: string;
  readonly headers?: Readonly<Record<string, object>>;
  readonly content?: Content;
}

/** By status. */
type Answers = Readonly<Record<number, Answer>>;

/** A body, by media type. */
export type Content = Readonly<
  Record<string, { readonly schema: object; readonly example: unknown }>
>;

export const EXAMPLE_TRACE_ID = "463ac35c9f6413ad48485a3978bb5ecc";
export const EXAMPLE_EMAIL_ID = "0190d6f2-8c1a-7a60-8000-000000000001";

export function body(schema: SchemaName, example: unknown): Required<Description>["requestBody"] {
  return { required: true, content: jsonContent(schema, example) };
}

export function json(schema: SchemaName, description: string, example: unknown): Answer {
  return { description, content: jsonContent(schema, example) };
}

function jsonContent(schema: SchemaName, example: unknown): Content {
  return { "application/json": { schema: reference(schema), example } };
}

export function problem(status: number, title: string, description: string): Answers {
  const detail = `Cannot answer: ${description}; …`;
  const example = { type: "about:blank", title, status, detail, traceId: EXAMPLE_TRACE_ID };
  const content = { "application/problem+json": { schema: reference("Problem"), example } };
  return { [status]: { description, content } };
}

export function reference(schema: SchemaName): object {
  return { $ref: `#/components/schemas/${schema}` };
}

const NOT_ALLOWED = {
  ...problem(401, "Unauthorized", "The bearer token is missing or wrong"),
  ...problem(
    403,
    "Forbidden",
    "Without a token: the request comes from another web site's page, or calls the server by another name",
  ),
};

/** The problems of a body that is not read. */
const UNREADABLE = {
  ...problem(408, "Request timeout", "The body did not arrive in time"),
  ...problem(413, "Request too large", "The request is too large"),
  ...problem(415, "Unsupported media type", "The request is not JSON, or has a Content-Encoding"),
};

/** Gives operations their tag, and the answers that all have. */
export function tagged(tag: Tag, operations: Operations): Readonly<Record<string, PathItem>> {
  const paths: Record<string, Record<string, Operation>> = {};
  for (const [route, { parameters, ...operation }] of Object.entries(operations)) {
    const [method = "", path = ""] = route.split(" ");
    const { responses, requestBody } = operation;
    const item = paths[path] ??= {};
    item[method.toLowerCase()] = {
      ...operation,
      ...(parameters && { parameters: parametersOf(path, parameters) }),
      tags: [tag],
      responses: { ...responses, ...NOT_ALLOWED, ...(requestBody && UNREADABLE) },
    };
  }
  return paths;
}

function parametersOf(path: string, schema: z.ZodType): readonly Parameter[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema);
  return Object.entries(properties).map(([name, property]) => {
    if (typeof property === "boolean") {
      throw new TypeError(`Cannot describe ${name}: it is anything`);
    }
    const { description, example, in: place, ...schema } = property;
    return {
      name,
      in: place ?? (path.includes(`{${name}}`) ? "path" : "query"),
      required: required.includes(name) && schema.default === undefined,
      description,
      schema,
      example,
    };
  });
}
