import { portOf } from "@playground/shared/http";
import { measured, type Metrics } from "@playground/shared/metrics";
import type { Archive, DatabaseServer } from "./archive/mod.ts";
import type { Poll } from "./poll.ts";

/** Measures how long polls take, how long ago the last good one was, and what they find. */
export function measuredPoll(poll: Poll, metrics: Metrics): Poll {
  const durations = metrics.histogram("playground.poll.duration");
  let foundCount = 0;
  let withheldCount = 0;
  // Until a poll succeeds, the time since the start counts.
  let succeededAtMs = performance.now();
  metrics.observe("playground.poll.age", () => (performance.now() - succeededAtMs) / 1_000);
  metrics.observe("playground.inbox.mails", () => foundCount);
  metrics.observe("playground.inbox.withheld", () => withheldCount);
  return () =>
    measured(durations, poll, (result) => {
      foundCount = result.foundCount;
      withheldCount = result.waitingMails.length;
      if (result.failures.length > 0) return { "error.type": "incomplete" };
      succeededAtMs = performance.now();
      return {};
    });
}

/** Measures how long an API takes to answer, without the bodies. */
export function measuredFetch(fetcher: typeof fetch, metrics: Metrics, api: URL): typeof fetch {
  const durations = metrics.histogram("http.client.request.duration");
  const port = portOf(api);
  return (input, init) =>
    measured(durations, () => fetcher(input, init), ({ status }) => ({
      "http.request.method": init?.method ?? "GET",
      "http.response.status_code": status,
      "server.address": api.hostname,
      "server.port": port,
      ...(status >= 400 ? { "error.type": String(status) } : {}),
    }));
}

/** Measures how long the database takes to store each mail, and counts the mails that it has. */
export function measuredArchive(
  archive: Archive,
  metrics: Metrics,
  { hostname, port, database, collection }: DatabaseServer,
): Archive {
  const durations = metrics.histogram("db.client.operation.duration");
  const archived = metrics.counter("playground.mail.archived");
  return {
    store: (...mail) =>
      measured(durations, () => archive.store(...mail), (outcome) => {
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
