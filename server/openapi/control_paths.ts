import {
  json,
  jsonContent,
  NOT_ALLOWED,
  type Parameter,
  type Paths,
  problem,
  type Schemas,
  UNREADABLE,
} from "./document.ts";

const ALL = json("FaultList", "All faults, with their state", {
  faults: [{ name: "smtp.delay", active: null }],
});
const ONE = json("Fault", "The fault, with its state", { name: "smtp.delay", active: null });
const ANY = {
  ...NOT_ALLOWED,
  404: problem(404, "Unknown fault", "There is no such fault, or nothing that could be broken"),
  503: problem(503, "Control unavailable", "The control at FAULTS_URL cannot be asked"),
} as const;
const NAME: Parameter = {
  name: "name",
  in: "path",
  required: true,
  description: "The name of a fault, as the list of all has it",
  schema: { type: "string", minLength: 1 },
};

/** The paths that are passed on unread (`pass_through.ts`): what they take and answer in detail is the control's matter. */
export const CONTROL_PATHS: Paths = {
  "/api/faults": {
    get: {
      operationId: "listFaults",
      tags: ["Faults"],
      summary: "List the faults",
      description: "What can be broken, what may be chosen about it, and what is broken now.",
      responses: { 200: ALL, ...ANY },
    },
    delete: {
      operationId: "clearFaults",
      tags: ["Faults"],
      summary: "Clear all faults",
      description: "Mends everything.",
      responses: { 200: ALL, ...ANY },
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
        content: jsonContent("FaultSetting", { probability: 0.3, forMs: 60_000 }),
      },
      responses: {
        200: ONE,
        ...ANY,
        ...UNREADABLE,
        422: problem(422, "Invalid setting", "The fault does not take such a setting"),
      },
    },
    delete: {
      operationId: "clearFault",
      tags: ["Faults"],
      summary: "Clear a fault",
      description: "Mends one thing, whether it was broken or not.",
      parameters: [NAME],
      responses: { 200: ONE, ...ANY },
    },
  },
};

export const CONTROL_SCHEMAS: Schemas = {
  FaultList: {
    type: "object",
    required: ["faults"],
    properties: { faults: { type: "array", items: { $ref: "#/components/schemas/Fault" } } },
  },
  Fault: {
    type: "object",
    required: ["name", "active"],
    properties: {
      name: { type: "string" },
      active: { type: ["object", "null"], description: "How it is at work; null while it is not" },
    },
  },
  FaultSetting: {
    type: "object",
    properties: {
      value: { type: "string", description: "One that the list offers" },
      probability: { type: "number", description: "How often it happens where it could, 0 to 1" },
      forMs: { type: "integer", description: "When it ends by itself; without it, it does not" },
    },
  },
};
