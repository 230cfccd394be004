/**
 * The OpenAPI document of the message server, which `/openapi.json` and the page `/api` show. The schemas are generated from
 * those that validate emails and define the types of answers.
 *
 * @module
 */
import { VERSION } from "@playground/shared/version";
import { FAULT_PATHS, LESSON_PATHS } from "./control_paths.ts";
import { tagged } from "./document.ts";
import { DEAD_LETTER_PATHS } from "./dead_letter_paths.ts";
import { EMAIL_PATHS } from "./email_paths.ts";
import { EXPLORE_PATHS } from "./explore_paths.ts";
import { SCHEMAS } from "./schemas.ts";
import { VIEW_PATHS } from "./view_paths.ts";

export type * from "./document.ts";

const TOKEN = { type: "http", scheme: "bearer", description: "The server's API_TOKEN" } as const;

export type ApiDocument = ReturnType<typeof describeApi>;

export function describeApi({ requiresToken }: { readonly requiresToken: boolean }) {
  return {
    openapi: "3.1.0",
    info: {
      title: "Tracing Playground message server",
      version: VERSION,
      description: "Sends emails over several hops, and shows their traces.",
      contact: { name: "The Tracing Playground authors" },
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/", description: "This server" }],
    security: requiresToken ? [{ token: [] }] : [],
    tags: [
      { name: "Emails", description: "Send emails and follow them" },
      {
        name: "Dead letters",
        description: "See the queues, and act on emails that could not be sent",
      },
      { name: "Faults", description: "Break something, and see it in the traces" },
      { name: "Lessons", description: "Break one thing, and find it in the trace" },
    ],
    paths: {
      ...tagged("Emails", { ...EMAIL_PATHS, ...VIEW_PATHS, ...EXPLORE_PATHS }),
      ...tagged("Dead letters", DEAD_LETTER_PATHS),
      ...tagged("Faults", FAULT_PATHS),
      ...tagged("Lessons", LESSON_PATHS),
    },
    components: {
      securitySchemes: requiresToken ? { token: TOKEN } : {},
      schemas: SCHEMAS,
    },
  };
}
