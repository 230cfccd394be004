import { json, NOT_ALLOWED, problem } from "./answer.ts";
import type { Parameter, PathItem } from "./document.ts";

const EXAMPLE_FAULT = {
  name: "smtp.drop-during-data",
  part: "smtp",
  explanation: "cuts the connection in the middle of a mail, which is lost",
  parameter: null,
  lesson: null,
  active: { value: null, probability: 0.3, endsAt: "2026-11-30T12:01:00.000Z", hitCount: 4 },
} as const;

const ALL = json("FaultList", "All faults", { faults: [EXAMPLE_FAULT] });
const ONE = json("Fault", "The fault as it is now", EXAMPLE_FAULT);
const NO_CONTROL = problem(404, "Not found", "There are no stand-ins whose faults could be set");
const UNKNOWN = problem(
  404,
  "Unknown fault",
  "No stand-in that runs has this fault, or there are none",
);
const NO_ANSWER = problem(
  503,
  "Faults unavailable",
  "The control of the faults cannot be asked",
);
const NAME: Parameter = {
  name: "name",
  in: "path",
  required: true,
  description: "The name of a fault, as the list of all has it",
  schema: { type: "string", minLength: 1 },
};

/** The paths that set the faults of the stand-ins. */
export const FAULT_PATHS: Readonly<Record<string, PathItem>> = {
  "/api/faults": {
    get: {
      operationId: "listFaults",
      tags: ["Faults"],
      summary: "List the faults",
      description: "What can be broken of the stand-ins, and what is.",
      responses: { 200: ALL, ...NOT_ALLOWED, 404: NO_CONTROL, 503: NO_ANSWER },
    },
    delete: {
      operationId: "clearFaults",
      tags: ["Faults"],
      summary: "Clear all faults",
      description: "Mends everything.",
      responses: { 200: ALL, ...NOT_ALLOWED, 404: NO_CONTROL, 503: NO_ANSWER },
    },
  },
  "/api/faults/{name}": {
    put: {
      operationId: "setFault",
      tags: ["Faults"],
      summary: "Set a fault",
      description: "Breaks something, at once and until it is cleared or its time is over.",
      parameters: [NAME],
      requestBody: {
        required: true,
        content: {
          "application/json": {
            schema: { $ref: "#/components/schemas/FaultSetting" },
            example: { probability: 0.3, forMs: 60_000 },
          },
        },
      },
      responses: {
        200: ONE,
        ...NOT_ALLOWED,
        404: UNKNOWN,
        408: problem(408, "Request timeout", "The body did not arrive in time"),
        413: problem(413, "Request too large", "The request is too large"),
        415: problem(
          415,
          "Unsupported media type",
          "The request is not JSON, or it has a Content-Encoding",
        ),
        422: problem(422, "Invalid setting", "The fault does not take such a setting"),
        503: NO_ANSWER,
      },
    },
    delete: {
      operationId: "clearFault",
      tags: ["Faults"],
      summary: "Clear a fault",
      description: "Mends one thing, whether it was broken or not.",
      parameters: [NAME],
      responses: { 200: ONE, ...NOT_ALLOWED, 404: UNKNOWN, 503: NO_ANSWER },
    },
  },
};

/** The schemas that these paths refer to. */
export const FAULT_SCHEMAS: Readonly<Record<string, object>> = {
  FaultList: {
    type: "object",
    required: ["faults"],
    properties: { faults: { type: "array", items: { $ref: "#/components/schemas/Fault" } } },
  },
  Fault: {
    type: "object",
    required: ["name", "part", "explanation", "parameter", "lesson", "active"],
    properties: {
      name: { type: "string" },
      part: { type: "string", enum: ["smtp", "mailtrap-api", "rabbitmq", "mongodb", "zipkin"] },
      explanation: { type: "string", description: "What happens" },
      parameter: {
        type: ["object", "null"],
        description:
          "What may be chosen: one of `choices`, or an integer from `minimum` to `maximum`",
      },
      lesson: { type: ["integer", "null"], description: "The lesson that shows it" },
      active: {
        type: ["object", "null"],
        description: "How it is at work",
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
  FaultSetting: {
    type: "object",
    properties: {
      value: { type: "string", description: "As the parameter of the fault says" },
      probability: {
        type: "number",
        minimum: 0,
        maximum: 1,
        default: 1,
        description: "How often it happens where it could",
      },
      forMs: {
        type: "integer",
        minimum: 1,
        maximum: 86_400_000,
        description: "When it ends by itself; without it, it does not",
      },
    },
  },
};
