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

function byText(left: unknown, right: unknown): number {
  return JSON.stringify(left) < JSON.stringify(right) ? -1 : 1;
}

contract("draws the dependency graph of the span catalogue", async (url) => {
  const { names, spans } = emailSpans(nowUs(), "450 try later");
  await store(url, spans);
  deepEqual(
    await dependencies(url, names),
    [
      { parent: names["message-server"], child: names.rabbitmq, callCount: 1 },
      { parent: names.rabbitmq, child: names.emailer, callCount: 1 },
      { parent: names.emailer, child: names.mailtrap, callCount: 1, errorCount: 1 },
      { parent: names["mail-poller"], child: names.mailtrap, callCount: 1 },
      { parent: names["mail-poller"], child: names.mongodb, callCount: 1 },
    ].sort(byText),
  );
});

contract("loses an edge of the graph when the consumer's half is marked shared", async (url) => {
  const { names, spans } = emailSpans(nowUs());
  await store(
    url,
    spans.map((span) => span.kind === "CONSUMER" ? { ...span, shared: true } : span),
  );
  const links = await dependencies(url, names);
  equal(links.some(({ parent }) => parent === names.rabbitmq), false);
});

contract("links client and server that share an id, and those that do not", async (url) => {
  const names = uniqueNames("page", "proxy", "server", "database");
  const traceId = randomHex(32);
  const timestamp = nowUs();
  const id = (number: number) => String(number).padStart(16, "0");
  const remoteEndpoint = { serviceName: names.database };
  const records: readonly [number, number, ZipkinSpan["kind"], string, Partial<ZipkinSpan>?][] = [
    [1, 0, "CLIENT", names.page, { tags: { error: "timeout" } }],
    [1, 0, "SERVER", names.proxy], // forgot to say that it shares the id
    [2, 1, "CLIENT", names.proxy, { tags: { error: "reset" } }],
    [3, 2, "SERVER", names.server],
    [4, 3, undefined, names.server],
    [5, 4, "CLIENT", names.server, { remoteEndpoint }],
    [6, 4, undefined, names.server, { remoteEndpoint, tags: { error: "" } }],
  ];
  await store(
    url,
    records.map(([number, parent, kind, serviceName, rest]) => ({
      ...{ traceId, id: id(number), timestamp, duration: 1, kind },
      ...(parent === 0 ? {} : { parentId: id(parent) }),
      localEndpoint: { serviceName },
      ...rest,
    })),
  );
  deepEqual(
    await dependencies(url, names),
    [
      { parent: names.page, child: names.proxy, callCount: 1 },
      { parent: names.proxy, child: names.server, callCount: 1, errorCount: 1 },
      { parent: names.server, child: names.database, callCount: 2, errorCount: 1 },
    ].sort(byText),
  );
});

interface Link {
  readonly parent: string;
  readonly child: string;
}

/** The part of the graph that has to do with the services of this test. */
async function dependencies(
  url: string,
  names: Readonly<Record<string, string>>,
): Promise<readonly Link[]> {
  const links = await getJson(`${url}/api/v2/dependencies?endTs=${Date.now() + 1_000}`);
  const ours = new Set(Object.values(names));
  return (links as readonly Link[])
    .filter(({ parent, child }) => ours.has(parent) || ours.has(child))
    .toSorted(byText);
}
