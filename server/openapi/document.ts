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
  /** What every operation asks for. */
  readonly security: readonly Readonly<Record<string, readonly []>>[];
  readonly tags: readonly ApiTag[];
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly components: {
    readonly securitySchemes: Readonly<Record<string, object>>;
    readonly schemas: Readonly<Record<string, object>>;
  };
}

export interface ApiTag {
  readonly name: "Emails" | "Faults";
  readonly description: string;
}

export type PathItem = Readonly<Partial<Record<"get" | "post" | "put" | "delete", Operation>>>;

export interface Operation {
  readonly operationId: string;
  readonly tags: readonly [ApiTag["name"]];
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
  readonly headers?: Readonly<Record<string, object>>;
  readonly content: Content;
}

export type Content = Readonly<
  Record<string, { readonly schema: object; readonly example: unknown }>
>;
