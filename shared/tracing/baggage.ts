import {
  type Context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  propagation,
  ROOT_CONTEXT,
} from "@opentelemetry/api";
import { W3CBaggagePropagator } from "@opentelemetry/core";
import { attribute } from "./attributes.ts";
import type { Tags } from "./tracing.ts";

const w3c = new W3CBaggagePropagator();

/** W3C Baggage, section 3.3.2: a header of this length must be taken. A longer one is ignored. */
const MAX_HEADER_LENGTH = 8_192;

/**
 * An id. These characters mean the same in a header of HTTP, AMQP and SMTP, in an address and in a tag (RFC 3986 section 2.3): a
 * value can begin no other header, and be no email address.
 */
const VALUE = /^[\w.~-]{1,64}$/;

let keys: readonly string[] = [attribute.tenant];

/** Sets the keys of a caller's baggage that are taken, for this process. */
export function useBaggageKeys(names: readonly string[]): void {
  keys = names;
}

/** Adds the allowed entries of a caller's `baggage` header (https://www.w3.org/TR/baggage/); all others are dropped. */
export function withBaggage(context: Context, header: string | undefined): Context {
  if (header === undefined || header.length > MAX_HEADER_LENGTH) return context;
  const carrier = { baggage: header };
  const given = propagation.getBaggage(w3c.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter));
  const taken = keys.flatMap((key) => {
    const value = given?.getEntry(key)?.value ?? "";
    return VALUE.test(value) ? [[key, { value }] as const] : [];
  });
  return taken.length === 0
    ? context
    : propagation.setBaggage(context, propagation.createBaggage(Object.fromEntries(taken)));
}

/** The header that passes the baggage on; `undefined` without baggage. */
export function baggageHeader(context: Context): { readonly baggage?: string } | undefined {
  if (propagation.getBaggage(context) === undefined) return undefined;
  const carrier: { baggage?: string } = {};
  w3c.inject(context, carrier, defaultTextMapSetter);
  return carrier;
}

/** The baggage as tags; `undefined` without baggage, as for most spans. */
export function baggageTags(context: Context): Tags | undefined {
  const entries = propagation.getBaggage(context)?.getAllEntries();
  return entries && Object.fromEntries(entries.map(([key, { value }]) => [key, value]));
}
