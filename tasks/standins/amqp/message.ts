import type { Buffer } from "node:buffer";

/** A message as it is published, before it is in any queue. */
export interface Publication {
  readonly exchange: string;
  readonly routingKey: string;
  /** Its properties, encoded. */
  readonly properties: Buffer;
  readonly body: Buffer;
  /** Whether it survives a restart in a durable classic queue. */
  readonly isPersistent: boolean;
  readonly ttlMs?: number | undefined;
}

/** A message in a queue. */
export interface Message extends Omit<Publication, "isPersistent" | "ttlMs"> {
  /** Its place in the order of arrival, unique in the broker. */
  readonly id: number;
  readonly expiresAtMs?: number | undefined;
  /** Whether it is in the store as well. */
  readonly isStored: boolean;
  /** How often it was given back after a delivery. */
  deliveryCount: number;
}

/** Why a message left its queue other than by an acknowledgement, in the words of the `x-death` header. */
export type DeathReason = "rejected" | "expired" | "delivery_limit";
