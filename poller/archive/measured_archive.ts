import { measured, type Metrics } from "@playground/shared/metrics";
import { type Archive } from "./archive.ts";
import type { DatabaseServer } from "./mongo_archive.ts";

export interface MeasuredArchiveOptions {
  readonly metrics: Metrics;
  readonly server: DatabaseServer;
  /** Database and collection: `messages.raw`. */
  readonly namespace: string;
}

/** Measures how long the database takes to store each mail, and counts the mails that it has. */
export function measuredArchive(
  archive: Archive,
  { metrics, server: { hostname, port }, namespace }: MeasuredArchiveOptions,
): Archive {
  const [database = "", collection = ""] = namespace.split(".", 2);
  const durations = metrics.histogram("db.client.operation.duration");
  const archived = metrics.counter("playground.mail.archived");
  return {
    store: (...args) =>
      measured(durations, () => archive.store(...args), (outcome) => {
        if (outcome.status === "stored" && outcome.isNew) archived.add(1);
        return {
          "db.system.name": "mongodb",
          "db.operation.name": "update",
          "db.namespace": database,
          "db.collection.name": collection,
          "server.address": hostname,
          ...(port === undefined ? {} : { "server.port": port }),
          ...(outcome.status === "stored" ? {} : { "error.type": "not-stored" }),
        };
      }),
  };
}
