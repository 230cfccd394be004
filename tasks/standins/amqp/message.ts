import type { Buffer } from "node:buffer";

/** A message as it is published, before it is in any queue. */
export interface Publication {
  readonly exchange: string;
  readonly routingKey: string;
  /** Its properties, encoded. */
  readonly properties: Buffer;
  readonly body: Buffer;
}

export interface Message extends Publication {
  /** Its place in the order of arrival, unique in the broker. */
  readonly id: number;
  readonly expiresAtMs: number | undefined;
  /** How often it was given back after a delivery. */
  deliveryCount: number;
}

/** Why a message left its queue other than by an acknowledgement, in the words of the `x-death` header. */
export type DeathReason = "rejected" | "expired" | "delivery_limit";
