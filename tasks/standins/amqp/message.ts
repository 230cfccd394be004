import type { Buffer } from "node:buffer";

/** A message as it is published, before it is in any queue. */
export interface Publication {
  /** The exchange it was published to. */
  readonly exchange: string;
  /** The key it was published with. */
  readonly routingKey: string;
  /** Its properties, encoded. */
  readonly properties: Buffer;
  /** Its content. */
  readonly body: Buffer;
  /** Whether it survives a restart in a durable classic queue. */
  readonly isPersistent: boolean;
  /** Its own time to live, in milliseconds. */
  readonly ttlMs?: number | undefined;
}

/** A message in a queue. */
export interface Message {
  /** Its place in the order of arrival, unique in the broker. */
  readonly id: number;
  /** The exchange it was published to. */
  readonly exchange: string;
  /** The key it was published with. */
  readonly routingKey: string;
  /** Its properties, encoded. */
  readonly properties: Buffer;
  /** Its content. */
  readonly body: Buffer;
  /** When it expires, in milliseconds since 1970. */
  readonly expiresAtMs?: number | undefined;
  /** Whether it is in the store as well. */
  readonly isStored: boolean;
  /** How often it was given back after a delivery. */
  deliveryCount: number;
}

/** Why a message left its queue other than by an acknowledgement, in the words of the `x-death` header. */
export type DeathReason = "rejected" | "expired" | "maxlen" | "delivery_limit";
