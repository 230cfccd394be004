/** What the list of an inbox shows of a mail. Names are empty where the mail has none. */
export interface MessageSummary {
  /** Decoded; empty where the mail has none. */
  readonly subject: string;
  /** Address of the author. */
  readonly fromEmail: string;
  /** Name of the author. */
  readonly fromName: string;
  /** Address of the recipient; several are separated by `, `. */
  readonly toEmail: string;
  /** Name of the only recipient; empty when there are several. */
  readonly toName: string;
}

/** A mail as it came in. */
export interface ReceivedMessage extends MessageSummary {
  /** The address of MAIL FROM; empty for the null sender. */
  readonly mailFrom: string;
  /** The IP address that it came from. */
  readonly clientIp: string;
  /** The bytes after DATA, their dot-stuffing undone. */
  readonly raw: Uint8Array;
}

/** A mail as it lies in the mailbox, without its bytes. */
export interface StoredMessage extends Omit<ReceivedMessage, "raw"> {
  /** Never used twice, and greater for a newer mail. */
  readonly id: number;
  /** Length of the mail's bytes. */
  readonly sizeBytes: number;
  /** Whether a person has opened it. */
  readonly isRead: boolean;
  /** When it was stored, to the millisecond. */
  readonly createdAt: Date;
  /** When anything about it changed last. */
  readonly updatedAt: Date;
}
