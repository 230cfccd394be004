import { deepEqual, equal } from "node:assert/strict";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import {
  contract,
  emailSpans,
  getJson,
  nowUs,
  randomHex,
  store,
  uniqueNames,
} from "../../fixture/zipkin.ts";

contract("draws the dependency graph of the span catalogue", async (url) => {
  const { names, spans } = emailSpans(nowUs(), "450 try later");
  await store(url, spans);
  deepEqual(await linksOf(url, names), [
    "emailer → mailtrap: 1, 1 failed",
    "mail-poller → mailtrap: 3",
    "mail-poller → mongodb: 1",
    "message-server → rabbitmq: 1",
    "rabbitmq → emailer: 1",
  ]);
});

contract("loses an edge of the graph when the consumer's half is marked shared", async (url) => {
  const { names, spans } = emailSpans(nowUs());
  await store(
    url,
    spans.map((span) => span.kind === "CONSUMER" ? { ...span, shared: true } : span),
  );
  equal((await linksOf(url, names)).some((link) => link.startsWith("rabbitmq")), false);
});

type Service = "page" | "proxy" | "server" | "database";

interface Rest extends Pick<ZipkinSpan, "shared" | "tags"> {
  readonly remote?: Service;
}

/** Id, parent's id, kind, and who recorded it. */
type SpanRecord = readonly [number, number, ZipkinSpan["kind"], Service?, Rest?];

const CASES: Readonly<Record<string, readonly [readonly SpanRecord[], readonly string[]]>> = {
  "links client and server that share an id, and those that do not": [
    [
      [1, 0, "CLIENT", "page", { tags: { error: "timeout" } }],
      [1, 0, "SERVER", "proxy"], // forgot to say that it shares the id
      [2, 1, "CLIENT", "proxy", { tags: { error: "reset" } }],
      [3, 2, "SERVER", "server"],
      [4, 3, undefined, "server"],
      [5, 4, "CLIENT", "server", { remote: "database" }],
      [6, 4, undefined, "server", { remote: "database", tags: { error: "" } }],
    ],
    ["page → proxy: 1", "proxy → server: 1, 1 failed", "server → database: 2, 1 failed"],
  ],
  "counts a call once when the server says that it shares the id": [
    [[1, 0, "CLIENT", "server", { remote: "page" }], [1, 0, "SERVER", "page", { shared: true }]],
    ["server → page: 1"],
  ],
  "fills in a call whose record is missing": [
    [[1, 0, "SERVER", "page"], [2, 1, "CLIENT", "server", { remote: "database" }]],
    ["page → server: 1", "server → database: 1"],
  ],
  "puts together a record that was sent in pieces": [
    [
      [1, 0, "CLIENT", "server"],
      [1, 0, undefined, undefined, { remote: "database", tags: { error: "" } }],
    ],
    ["server → database: 1, 1 failed"],
  ],
  "ignores a cycle": [
    [
      [1, 2, "CLIENT", "server", { remote: "database" }],
      [2, 1, "CLIENT", "server", { remote: "database" }],
    ],
    [],
  ],
};

for (const [behaviour, [records, expected]] of Object.entries(CASES)) {
  contract(behaviour, async (url) => {
    const names = uniqueNames("page", "proxy", "server", "database");
    const traceId = randomHex(32);
    const timestamp = nowUs();
    const idOf = (number: number) => String(number).padStart(16, "0");
    const endpoint = (service: Service) => ({ serviceName: names[service] });
    await store(
      url,
      records.map(([id, parent, kind, service, { remote, ...rest } = {}]) => ({
        ...{ traceId, id: idOf(id), timestamp, duration: 1, kind, ...rest },
        ...(parent === 0 ? {} : { parentId: idOf(parent) }),
        ...(service === undefined ? {} : { localEndpoint: endpoint(service) }),
        ...(remote === undefined ? {} : { remoteEndpoint: endpoint(remote) }),
      })),
    );
    deepEqual(await linksOf(url, names), expected);
  });
}

interface Link {
  readonly parent: string;
  readonly child: string;
  readonly callCount: number;
  readonly errorCount?: number;
}

/** The part of the graph that has to do with the services of this test, under the names that the test gives them. */
async function linksOf(
  url: string,
  names: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const links = await getJson(`${url}/api/v2/dependencies?endTs=${Date.now() + 10_000}`);
  const nameOf = new Map(Object.entries(names).map(([name, unique]) => [unique, name]));
  return (links as readonly Link[])
    .filter(({ parent, child }) => nameOf.has(parent) || nameOf.has(child))
    .map(({ parent, child, callCount, errorCount }) =>
      `${nameOf.get(parent)} → ${nameOf.get(child)}: ${callCount}` +
      (errorCount === undefined ? "" : `, ${errorCount} failed`)
    )
    .toSorted();
}
