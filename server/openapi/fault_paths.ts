import { FORBIDDEN, problem, UNAUTHORIZED } from "./problem_answer.ts";

const ONE = {
  description: "The fault as it is now",
  content: { "application/json": { schema: { $ref: "#/components/schemas/Fault" } } },
} as const;

const ALL = {
  description: "All faults",
  content: {
    "application/json": {
      schema: {
        type: "object",
        required: ["faults"],
        properties: { faults: { type: "array", items: { $ref: "#/components/schemas/Fault" } } },
      },
    },
  },
} as const;

const NAME = { name: "name", in: "path", required: true, schema: { type: "string" } } as const;
const NO_CONTROL = problem("There are no stand-ins whose faults could be set");
const NO_ANSWER = problem("The control of the faults cannot be asked");

/** The paths that set the faults of the stand-ins. */
export function faultPaths(): Readonly<Record<string, object>> {
  const common = { 401: UNAUTHORIZED, 403: FORBIDDEN, 404: NO_CONTROL, 503: NO_ANSWER };
  return {
    "/api/faults": {
      get: { summary: "The faults of the stand-ins", responses: { 200: ALL, ...common } },
      delete: { summary: "Clear all faults", responses: { 200: ALL, ...common } },
    },
    "/api/faults/{name}": {
      put: {
        summary: "Set a fault",
        parameters: [NAME],
        requestBody: {
          required: true,
          content: {
            "application/json": {
              schema: {
                type: "object",
                properties: {
                  value: { type: "string" },
                  probability: { type: "number", minimum: 0, maximum: 1, default: 1 },
                  forMs: { type: "integer", minimum: 1 },
                },
              },
            },
          },
        },
        responses: {
          200: ONE,
          ...common,
          413: problem("The request is too large"),
          408: problem("The body did not arrive in time"),
          415: problem("The request is not JSON, or it has a Content-Encoding"),
          422: problem("The fault does not take such a value"),
        },
      },
      delete: { summary: "Clear a fault", parameters: [NAME], responses: { 200: ONE, ...common } },
    },
  };
}

/** The schemas that these paths refer to. */
export function faultSchemas(): Readonly<Record<string, object>> {
  return {
    Fault: {
      type: "object",
      required: ["name", "part", "explanation", "parameter", "lesson", "active"],
      properties: {
        name: { type: "string" },
        part: { type: "string", enum: ["smtp", "mailtrap-api", "rabbitmq", "mongodb", "zipkin"] },
        explanation: { type: "string" },
        parameter: { type: ["object", "null"] },
        lesson: { type: ["integer", "null"] },
        active: {
          type: ["object", "null"],
          required: ["value", "probability", "endsAt", "hitCount"],
          properties: {
            value: { type: ["string", "null"] },
            probability: { type: "number" },
            endsAt: { type: ["string", "null"], format: "date-time" },
            hitCount: { type: "integer" },
          },
        },
      },
    },
  };
}
