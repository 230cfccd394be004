import type { Faults } from "./faults/registry.ts";
import type { ReadLinks } from "./page.ts";

/** What every embedded stand-in takes at its start. */
export interface StandInOptions {
  /** Folder that holds the durable state, one SQLite file per stand-in; without it the state is in memory only. */
  readonly stateDirectory?: string;
  /** The real component's by default. The next free one is taken when it is busy; 0 takes any free one. */
  readonly port?: number;
  readonly faults?: Faults;
  /** Where the other pages for people are. @default unknown */
  readonly links?: ReadLinks;
}

/** A stand-in that listens and is ready. Disposing it closes its connections, its listener and its store. */
export interface StandIn extends AsyncDisposable {
  /** The address that a client is given, such as `amqp://guest:guest@127.0.0.1:5672`. */
  readonly url: string;
}
