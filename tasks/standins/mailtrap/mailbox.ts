import type { SQLOutputValue } from "node:sqlite";
import type { SqliteStore } from "../sqlite.ts";

/** A mail's entry in an inbox list. Names are empty where the mail has none. */
export interface MessageSummary {
  readonly subject: string;
  readonly fromEmail: string;
  readonly fromName: string;
  /** Several are separated by `, `. */
  readonly toEmail: string;
  /** Name of the only recipient; empty when there are several. */
  readonly toName: string;
  /** Of the bodies, in UTF-8; 0 for a missing one. */
  readonly textBytes: number;
  readonly htmlBytes: number;
}

/** A mail whose last dot has arrived. */
export interface IncomingMail {
  /** The address of MAIL FROM; empty for the null sender. */
  readonly mailFrom: string;
  readonly recipients: readonly string[];
  readonly clientIp: string;
  /** The bytes after DATA, their dot-stuffing undone. */
  readonly raw: Uint8Array;
}

export interface StoredMessage extends MessageSummary, Pick<IncomingMail, "mailFrom" | "clientIp"> {
  /** Never used twice, and greater for a newer mail. */
  readonly id: number;
  readonly sizeBytes: number;
  readonly isRead: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/**
 * The tables of a {@linkcode Mailbox}. `AUTOINCREMENT`, because ids must never be reused: clients would take a new mail under an
 * old id for the old mail. A mail's bytes are stored in parts, so that a large one can be streamed.
 */
export const MAILBOX_SCHEMA = `
  CREATE TABLE IF NOT EXISTS message (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    subject       TEXT NOT NULL,
    from_email    TEXT NOT NULL,
    from_name     TEXT NOT NULL,
    to_email      TEXT NOT NULL,
    to_name       TEXT NOT NULL,
    mail_from     TEXT NOT NULL,
    client_ip     TEXT NOT NULL,
    size_bytes    INTEGER NOT NULL,
    is_read       INTEGER NOT NULL DEFAULT 0,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS message_body_size (
    message_id INTEGER PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE,
    text_bytes INTEGER NOT NULL,
    html_bytes INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS message_part (
    message_id INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    position   INTEGER NOT NULL,
    bytes      BLOB NOT NULL,
    PRIMARY KEY (message_id, position)
  ) STRICT;
`;

const PART_SIZE_BYTES = 256 * 1024;

export interface ListRange {
  readonly limit: number;
  /** Only mails older than the one with this id. */
  readonly beforeId?: number | undefined;
  /** How many of the newest to leave out. */
  readonly offset?: number;
}

/** The durable store that the SMTP server fills and the API empties. */
export class Mailbox {
  readonly #store: SqliteStore;

  constructor(store: SqliteStore) {
    this.#store = store;
  }

  /** When this returns, the mail survives a crash of the process. */
  add({ mailFrom, clientIp, raw }: IncomingMail, summary: MessageSummary): number {
    const { textBytes, htmlBytes, ...texts } = summary;
    return this.#store.inTransaction(() => {
      const { lastInsertRowid } = this.#store.sql(INSERT_MESSAGE).run({
        ...storable({ mailFrom, clientIp, ...texts }),
        sizeBytes: raw.byteLength,
        nowMs: Date.now(),
      });
      this.#store.sql("INSERT INTO message_body_size VALUES (?, ?, ?)")
        .run(lastInsertRowid, textBytes, htmlBytes);
      const insertPart = this.#store.sql("INSERT INTO message_part VALUES (?, ?, ?)");
      for (let position = 0; position * PART_SIZE_BYTES < raw.byteLength; position++) {
        const start = position * PART_SIZE_BYTES;
        const part = raw.subarray(start, start + PART_SIZE_BYTES);
        insertPart.run(lastInsertRowid, position, part);
      }
      return Number(lastInsertRowid);
    });
  }

  get size(): number {
    return Number(this.#store.sql("SELECT count(*) AS total FROM message").get()?.total);
  }

  list(
    { limit, beforeId = Number.MAX_SAFE_INTEGER, offset = 0 }: ListRange,
  ): readonly StoredMessage[] {
    return this.#store.sql(`${SELECT_MESSAGE} WHERE id < ? ORDER BY id DESC LIMIT ? OFFSET ?`)
      .all(beforeId, limit, offset).map(toMessage);
  }

  find(id: number): StoredMessage | undefined {
    const row = this.#store.sql(`${SELECT_MESSAGE} WHERE id = ?`).get(id);
    return row === undefined ? undefined : toMessage(row);
  }

  markRead(id: number): void {
    this.#store
      .sql("UPDATE message SET is_read = 1, updated_at_ms = ? WHERE id = ? AND is_read = 0")
      .run(Date.now(), id);
  }

  remove(id: number): void {
    this.#store.sql("DELETE FROM message WHERE id = ?").run(id);
  }

  /** A mail's bytes, read part by part on demand. The stream errors when the mail is deleted meanwhile. */
  raw(message: StoredMessage): ReadableStream<Uint8Array> {
    return ReadableStream.from(this.#parts(message));
  }

  *#parts({ id, sizeBytes }: StoredMessage): Generator<Uint8Array> {
    const selectPart = this.#store
      .sql("SELECT bytes FROM message_part WHERE message_id = ? AND position = ?");
    for (let position = 0; position * PART_SIZE_BYTES < sizeBytes; position++) {
      const bytes = selectPart.get(id, position)?.bytes;
      if (!(bytes instanceof Uint8Array)) {
        throw new Error(
          `Cannot read message ${id}: it was deleted meanwhile; list the inbox again`,
        );
      }
      yield bytes;
    }
  }
}

/** A mail from before the sizes of bodies were kept has none. */
const SELECT_MESSAGE = `
  SELECT id, subject, from_email AS fromEmail, from_name AS fromName, to_email AS toEmail, to_name AS toName,
    mail_from AS mailFrom, client_ip AS clientIp, size_bytes AS sizeBytes, is_read AS isRead,
    created_at_ms AS createdAt, updated_at_ms AS updatedAt,
    ifnull(text_bytes, 0) AS textBytes, ifnull(html_bytes, 0) AS htmlBytes
  FROM message LEFT JOIN message_body_size ON message_body_size.message_id = message.id`;

const INSERT_MESSAGE = `
  INSERT INTO message (subject, from_email, from_name, to_email, to_name, mail_from, client_ip, size_bytes,
    created_at_ms, updated_at_ms)
  VALUES (:subject, :fromEmail, :fromName, :toEmail, :toName, :mailFrom, :clientIp, :sizeBytes, :nowMs, :nowMs)`;

/** SQLite's texts end at a NUL; it becomes U+FFFD, as in HTML. */
function storable(texts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, text.replaceAll("\0", "\uFFFD")]),
  );
}

/** The tables are STRICT, so that a column's type is certain. */
function toMessage(row: Record<string, SQLOutputValue>): StoredMessage {
  return {
    ...row as Omit<StoredMessage, "isRead" | "createdAt" | "updatedAt">,
    isRead: row.isRead === 1,
    createdAt: new Date(Number(row.createdAt)),
    updatedAt: new Date(Number(row.updatedAt)),
  };
}
