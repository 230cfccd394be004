import type { BsonDocument } from "../bson/values.ts";
import type { Cursors } from "../cursors.ts";
import type { Catalog } from "../storage/catalog.ts";
import type { CursorBatch } from "../wire/reply.ts";

/** A command with what it works on. */
export interface CommandRequest {
  /** The first field's name, such as `find`. */
  readonly name: string;
  /** The database it is sent to. */
  readonly database: string;
  /** The whole command document. */
  readonly body: BsonDocument;
  /** The collections. */
  readonly catalog: Catalog;
  /** The open cursors. */
  readonly cursors: Cursors;
}

/** What a command answers: a document, to which `ok: 1` is added, or a batch of a cursor. */
export type CommandResult =
  | { readonly document: BsonDocument }
  | { readonly batch: CursorBatch };

/**
 * Runs one command to its end. What it wrote is committed when it returns.
 *
 * @throws {CommandError} when the command fails as a whole.
 */
export type CommandHandler = (request: CommandRequest) => CommandResult;
