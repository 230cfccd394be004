import { PARTIES } from "@playground/shared/tracing/parties";
import { z } from "zod";
import {
  fetchHop,
  type Hop,
  hop,
  type HopState,
  hopState,
  type Journey,
  publishHop,
  queueHop,
  requestHop,
  sendHop,
  storeHop,
} from "./hops.ts";

/** Orders services: the parties along the journey, then others by name. */
export function byJourney(a: string, b: string): number {
  const [left, right] = [a, b].map((id) => PARTIES.findIndex((party) => party.id === id) >>> 0);
  return (left ?? 0) - (right ?? 0) || (a < b ? -1 : Number(a > b));
}

/** The edges from each party to the next. */
const WAYS: readonly {
  readonly label: string;
  readonly hopOf: (journey: Journey) => Hop;
}[] = [
  { label: "POST /email", hopOf: requestHop },
  { label: "publish and confirm", hopOf: publishHop },
  { label: "waiting in the queue", hopOf: queueHop },
  { label: "SMTP", hopOf: sendHop },
  { label: "waiting until the next poll", hopOf: fetchHop },
  { label: "store", hopOf: storeHop },
];

/** The edges between the parties, in the same order. */
const EDGES = PARTIES.slice(1).flatMap(({ id: to }, index) => {
  const [from, way] = [PARTIES[index]?.id, WAYS[index]];
  return from === undefined || way === undefined ? [] : [{ id: `${from}>${to}`, from, to, ...way }];
});

/** The system along an email's journey. */
export const diagram = z.object({
  nodes: z.array(
    z.object({
      id: z.string(),
      label: z.string(),
      /** `active` where the email is now, `done` where it has been, `failed` where it was stopped. */
      state: hopState,
    }).readonly(),
  ).readonly(),
  edges: z.array(
    z.object({
      /** `from>to`. */
      id: z.string(),
      from: z.string(),
      to: z.string(),
      label: z.string(),
      ...hop.shape,
    }).readonly(),
  ).readonly(),
}).readonly();

/** The system as an email passes it; see {@linkcode diagram}. */
export type Diagram = z.output<typeof diagram>;

/** Draws where an email has been, where it is and where it failed. */
export function toDiagram(journey: Journey): Diagram {
  const edges = EDGES.map(({ hopOf, ...edge }) => ({ ...edge, ...hopOf(journey) }));
  const [request, publish, queue, send, fetch, store] = edges.map(({ state }) => state);
  const states: Readonly<Record<typeof PARTIES[number]["id"], HopState | undefined>> = {
    client: request === "idle" ? "idle" : "done",
    // A party that refuses an email without passing it on is its last one.
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
    nodes: PARTIES.map(({ id, name }) => ({ id, label: name, state: states[id] ?? "idle" })),
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
