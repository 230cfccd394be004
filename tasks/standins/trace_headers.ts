import type { FaultValue } from "./faults/catalogue.ts";

/** How a broker or a mail server tampers with a trace. */
export type Tampering = FaultValue<"rabbitmq.trace-headers">;

/** B3's and W3C's headers, in lower case. */
const TRACE_HEADER = /^(?:b3|x-b3-.+|traceparent|tracestate|baggage)$/;

/** Makes the function that tampers with the headers of one message, by name; its result for a removed header is `undefined`. */
export function traceTampering(
  how: Tampering,
): <Value>(name: string, value: Value) => Value | string | undefined {
  const [traceId, spanId] = [randomId(), randomId().slice(16)];
  const foreign: Readonly<Record<string, string | undefined>> = {
    "b3": `${traceId}-${spanId}-1`,
    "traceparent": `00-${traceId}-${spanId}-01`,
    "x-b3-traceid": traceId,
    "x-b3-spanid": spanId,
  };
  return (name, value) => {
    const key = name.toLowerCase();
    if (!TRACE_HEADER.test(key)) return value;
    switch (how) {
      case "strip":
        return undefined;
      case "malformed":
        // As a gateway does that takes a trace id for a UUID.
        return key in foreign ? String(value).replace(/^(?=[^-]{9})(.{8})/, "$1-") : value;
      case "foreign":
        return key === "x-b3-parentspanid" ? undefined : foreign[key] ?? value;
    }
  };
}

function randomId(): string {
  return crypto.randomUUID().replaceAll("-", "");
}
