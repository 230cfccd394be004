import { context } from "@opentelemetry/api";
import type { Publisher } from "@playground/shared/amqp";
import { traceHeaders, type Tracing } from "@playground/shared/tracing";
import type { ComposeMail } from "./mail.ts";

/** Lets each message carry the trace in which it is published, without a span of its own. */
export function propagatingPublisher(publisher: Publisher): Publisher {
  return {
    publish: (publication) => {
      const headers = { ...traceHeaders(context.active()), ...publication.options.headers };
      return publisher.publish({ ...publication, options: { ...publication.options, headers } });
    },
  };
}

/** Lets each mail carry the trace in which it is composed. */
export function propagatingComposer(
  compose: ComposeMail,
  tracing: Pick<Tracing, "nowMicroseconds">,
): ComposeMail {
  return (facts) => {
    const headers = traceHeaders(context.active());
    const trace = headers && { headers, sentAtMicroseconds: tracing.nowMicroseconds() };
    return compose({ ...facts, trace });
  };
}
