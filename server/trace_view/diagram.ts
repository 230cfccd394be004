import { z } from "zod";
import {
  fetchHop,
  type Hop,
  HOP_STATES,
  type HopState,
  publishHop,
  queueHop,
  requestHop,
  sendHop,
  storeHop,
} from "./hops.ts";
import type { Journey } from "./journey.ts";

/** The parties, in the order of an email's way, and what people call them. */
export const NODES = [
  { id: "client", label: "Client" },
  { id: "message-server", label: "Message server" },
  { id: "rabbitmq", label: "RabbitMQ" },
  { id: "emailer", label: "Emailer" },
  { id: "mailtrap", label: "Mailtrap" },
  { id: "mail-poller", label: "Mail poller" },
  { id: "mongodb", label: "MongoDB" },
] as const;

type NodeId = typeof NODES[number]["id"];

/** The ways between them, in the same order; `step` is what the picture has room for. */
export const EDGES = [
  {
    from: "client",
    to: "message-server",
    label: "POST /email",
    step: "1 POST /email",
    hopOf: requestHop,
  },
  {
    from: "message-server",
    to: "rabbitmq",
    label: "publish and confirm",
    step: "2 publish, confirm",
    hopOf: publishHop,
  },
  {
    from: "rabbitmq",
    to: "emailer",
    label: "waiting in the queue",
    step: "in the queue",
    hopOf: queueHop,
  },
  { from: "emailer", to: "mailtrap", label: "SMTP", step: "3 SMTP", hopOf: sendHop },
  {
    from: "mailtrap",
    to: "mail-poller",
    label: "waiting until the next poll",
    step: "4 next poll",
    hopOf: fetchHop,
  },
  { from: "mail-poller", to: "mongodb", label: "store", step: "5 store", hopOf: storeHop },
] as const satisfies readonly {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly label: string;
  readonly step: string;
  readonly hopOf: (journey: Journey) => Hop;
}[];

const hopState = z.enum(HOP_STATES);

/** The system as an email passes it. */
export const diagram = z.object({
  /** The parties. */
  nodes: z.array(
    z.object({
      id: z.string(),
      label: z.string(),
      /** `active` where the email is now, `done` where it has been, `failed` where it was stopped. */
      state: hopState,
    }).readonly(),
  ).readonly(),
  /** The ways between them. */
  edges: z.array(
    z.object({
      /** `from>to`. */
      id: z.string(),
      from: z.string(),
      to: z.string(),
      label: z.string(),
      state: hopState,
      /** How long it took, or the last wait on it, in microseconds; absent while it is not over. */
      durationUs: z.int().min(0).optional(),
      /** Whether the email waits here now. */
      waiting: z.boolean(),
      /** Since when. */
      waitingSince: z.iso.datetime().optional(),
      /** How often the way was gone. */
      attemptCount: z.int().min(0),
      /** Why the last attempt failed. */
      error: z.string().optional(),
      /** The rows that tell of it. */
      rowKeys: z.array(z.string()).readonly(),
    }).readonly(),
  ).readonly(),
}).readonly();

/** The system as an email passes it; see {@linkcode diagram}. */
export type Diagram = z.output<typeof diagram>;

/** Draws where an email has been, where it is and where it failed. */
export function toDiagram(journey: Journey): Diagram {
  const edges = EDGES.map(({ from, to, label, hopOf }) => ({
    id: `${from}>${to}`,
    from,
    to,
    label,
    ...hopOf(journey),
  }));
  const [request, publish, queue, send, fetch, store] = edges.map(({ state }) => state);
  const states: Readonly<Record<NodeId, HopState | undefined>> = {
    client: request === "idle" ? "idle" : "done",
    // Whoever refuses an email and asked nobody else is where it ended.
    "message-server": request === "failed" && publish === "idle" ? "failed" : passed(request),
    rabbitmq: queue === "active" ? "active" : publish,
    emailer: emailerState(journey),
    mailtrap: send === "done" && isAtMailtrap(journey)
      ? "active"
      : send === "active"
      ? "idle"
      : send,
    "mail-poller": store === "failed" ? "done" : fetch === "active" ? "idle" : fetch,
    mongodb: store,
  };
  return {
    nodes: NODES.map((node) => ({ ...node, state: states[node.id] ?? "idle" })),
    edges,
  };
}

function passed(state: HopState | undefined): HopState | undefined {
  return state === "failed" ? "done" : state;
}

function emailerState({ state, attempts }: Journey): HopState {
  if (state.name === "sending") return "active";
  if (state.name === "dead-lettered") return "failed";
  return attempts.length === 0 ? "idle" : "done";
}

function isAtMailtrap({ state }: Journey): boolean {
  return state.name === "delivered" && state.followed;
}
