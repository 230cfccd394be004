import { measured, type Metrics } from "@playground/shared/metrics";
import { type Archive } from "./archive.ts";
import { COLLECTION } from "./mongo_archive.ts";

/** Measures how long the database takes to store each mail, and counts the mails that it has. */
export function measuredArchive(archive: Archive, metrics: Metrics): Archive {
  const durations = metrics.histogram("db.client.operation.duration");
  const archived = metrics.counter("playground.mail.archived");
  return {
    store: (...args) =>
      measured(durations, () => archive.store(...args), (outcome) => {
        if (outcome.status === "stored" && outcome.isNew) archived.add(1);
        return {
          "db.system.name": "mongodb",
          "db.operation.name": "update",
          "db.collection.name": COLLECTION,
          ...(outcome.status === "stored" ? {} : { "error.type": "not-stored" }),
        };
      }),
  };
}
