import { type Encodable, type Fields, toValue } from "../bson/value.ts";
import type { Cursors } from "../cursors.ts";
import type { Store } from "../store/store.ts";
import type { TimeBudget, Work } from "../work.ts";

export interface CommandRequest {
  /** The first field's name, such as `find`. */
  readonly name: string;
  readonly database: string;
  readonly fields: Fields;
  readonly store: Store;
  readonly cursors: Cursors;
  /** The time that it has; `getMore` goes on with that of its cursor. */
  budget: TimeBudget;
}

export interface Command {
  /** Reads and writes of documents can be made to fail. */
  readonly kind: "read" | "write" | "other";
  /** The fields that it understands, besides those of every command. */
  readonly takes: readonly string[] | "anything";
  /** The fields that MongoDB understands and the stand-in does not. */
  readonly refuses: readonly string[];
  /** Runs it; the encoded reply, at once or with turns for others. */
  readonly run: (request: CommandRequest) => Uint8Array | Work<Uint8Array>;
}

export function reply(fields: Readonly<Record<string, Encodable>> = {}): Uint8Array {
  return toValue({ ...fields, ok: 1 }).bytes;
}

/** Names of fields, as a table of commands reads best. */
export function words(text: string): readonly string[] {
  return text === "" ? [] : text.split(" ");
}
