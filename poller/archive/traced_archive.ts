import { SpanKind } from "@opentelemetry/api";
import type { TraceThroughSmtp } from "@playground/shared/configuration";
import { EMAIL_ID } from "@playground/shared/email";
import { attribute, type Tags, type Tracing } from "@playground/shared/tracing";
import { placeSpan } from "../place_span.ts";
import type { Archive } from "./archive.ts";
import type { DatabaseServer } from "./mongo_archive.ts";

interface TracedArchiveOptions {
  readonly tracing: Tracing;
  readonly traceThroughSmtp: TraceThroughSmtp;
  readonly server: DatabaseServer;
}

/**
 * Reports the `store-message` span of each document, and in the email's own trace the span `archive-email` that ends it: from
 * the mail's arrival at Mailtrap to its place in the archive.
 */
export function tracedArchive(
  archive: Archive,
  { tracing, traceThroughSmtp, server }: TracedArchiveOptions,
): Archive {
  return {
    async store(document, delivery, origin) {
      const startMicroseconds = tracing.nowMicroseconds();
      const outcome = await archive.store(document, delivery);
      const place = placeSpan(traceThroughSmtp, origin);
      if (place === undefined) return outcome;
      const { _id, emailId, pollTraceId } = document;
      const claimed = { [attribute.correlationId]: EMAIL_ID.exec(emailId ?? "")?.[0] };
      tracing.record("store-message", {
        ...place,
        kind: SpanKind.CLIENT,
        startMicroseconds,
        attributes: {
          ...databaseAttributes(_id, server),
          ...claimed,
          ...place.attributes,
        },
        failure: outcome.status === "failed"
          ? { reason: outcome.reason, type: "not-stored" }
          : undefined,
      });
      if (outcome.status === "stored" && origin !== undefined && traceThroughSmtp === "link") {
        const now = tracing.nowMicroseconds();
        const receivedAt = delivery.receivedAt.getTime() * 1000;
        tracing.record("archive-email", {
          parent: origin.context,
          // Mailtrap's clock is not ours: the receipt is clamped between the sending and now.
          startMicroseconds: Math.min(Math.max(receivedAt, origin.sentAtMicroseconds ?? 0), now),
          endMicroseconds: now,
          attributes: {
            [attribute.dbObjectId]: _id,
            ...claimed,
            [attribute.pollTraceId]: pollTraceId ?? undefined,
          },
        });
      }
      return outcome;
    },
  };
}

function databaseAttributes(
  id: string,
  { hostname, port, database, collection }: DatabaseServer,
): Tags {
  return {
    [attribute.peerService]: "mongodb",
    [attribute.dbType]: "mongodb",
    [attribute.dbInstance]: `${database}.${collection}`,
    [attribute.dbObjectId]: id,
    [attribute.dbSystemName]: "mongodb",
    [attribute.dbNamespace]: database,
    [attribute.dbCollectionName]: collection,
    [attribute.dbOperationName]: "update",
    [attribute.serverAddress]: hostname,
    [attribute.serverPort]: port,
  };
}
