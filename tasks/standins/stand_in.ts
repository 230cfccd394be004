import type { Faults } from "./faults/registry.ts";
import type { ReadLinks } from "./page.ts";

export interface StandInOptions {
  /** Folder that holds the durable state, one SQLite file per stand-in; without it, the state is in memory. */
  readonly stateDirectory?: string;
  /** The real component's by default, or the next free one; 0 takes any free one. */
  readonly port?: number;
  readonly faults?: Faults;
  /** The other pages' addresses. @default unknown */
  readonly links?: ReadLinks;
}

/** What the services need to reach stand-ins: the values of their environment variables. */
export type StandInVariables = Readonly<Record<string, string>>;

/** A stand-in that listens and is ready. Disposing it closes its connections, its listener and its store. */
export interface StandIn extends AsyncDisposable {
  /** The address for clients, such as `amqp://guest:guest@127.0.0.1:5672`. */
  readonly url: string;
}
