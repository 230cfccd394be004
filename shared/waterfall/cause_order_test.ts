import { deepEqual, equal } from "node:assert/strict";
import { EMAIL_TRACE, EXAMPLE_START_US } from "@playground/shared/testing";
import type { ZipkinSpan } from "../tracing/zipkin_span.ts";
import { alignCauses } from "./cause_order.ts";
import { toSpanRows } from "./span_row.ts";

const serviceOf = ({ localEndpoint }: ZipkinSpan) => localEndpoint?.serviceName ?? "";

function skewed(service: string, us: number): readonly ZipkinSpan[] {
  return EMAIL_TRACE.map((span) =>
    serviceOf(span) === service ? { ...span, timestamp: (span.timestamp ?? 0) + us } : span
  );
}

Deno.test.each([
  ["message-server", 2_000_000, "the clock of message-server is 2.00 s ahead; corrected here"],
  ["emailer", 2_000_000, "the clock of emailer is 2.00 s ahead; corrected here"],
  ["mail-poller", -2_000_000, "the clock of mail-poller is 2.00 s behind; corrected here"],
  ["emailer", -2_000_000, "the clock of emailer is 2.00 s behind; corrected here"],
])("alignCauses() corrects %s by %s µs, and nobody else", (service, us, expected) => {
  const rows = toSpanRows(skewed(service, us));
  for (const { name, services, correction, interval } of rows) {
    const isWrong = services[0] === service;
    // A lower bound: within what the hop took.
    const said = correction?.replace(/1\.\d\d s/, "2.00 s");
    equal(said, isWrong ? expected : undefined, `${name}: ${correction}`);
    equal((interval?.fromUs ?? 0) - EXAMPLE_START_US < 1_000_000, true, name);
  }
});

Deno.test("alignCauses() leaves alone what is possible", () => {
  for (const [service, us] of [["mail-poller", 2_000_000], ["emailer", 500], ["", 0]] as const) {
    const spans = skewed(service, us);
    equal(alignCauses(spans), spans);
  }
});

Deno.test("alignCauses() ends, whatever contradicts", () => {
  const circle = ["a", "b", "c"].map((id, index): ZipkinSpan => ({
    traceId: "1",
    id,
    parentId: "bca"[index] ?? "",
    timestamp: 1_000_000 * (index + 1),
    localEndpoint: { serviceName: id },
  }));
  deepEqual(alignCauses(circle).map(({ id }) => id), ["a", "b", "c"]);
});
