import { deepEqual } from "node:assert/strict";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import {
  contract,
  emailSpans,
  get,
  getJson,
  nowUs,
  randomHex,
  store,
  uniqueNames,
} from "../../fixture/zipkin.ts";

contract("lists services, their spans and the services that they talk to", async (url) => {
  const { names, spans } = emailSpans(nowUs());
  await store(url, spans);
  const services = await getJson(`${url}/api/v2/services`) as readonly string[];
  const ours = [names.emailer, names["mail-poller"], names["message-server"], names.rabbitmq];
  deepEqual(services.filter((service) => ours.includes(service)), ours);
  const poller = names["mail-poller"].toUpperCase();
  deepEqual(await getJson(`${url}/api/v2/spans?serviceName=${poller}`), [
    "archive-email",
    "delete-message",
    "fetch-inbox",
    "fetch-message",
    "poll-email",
    "store-message",
  ]);
  deepEqual(await getJson(`${url}/api/v2/remoteServices?serviceName=${poller}`), [
    names.mailtrap,
    names.mongodb,
  ]);
  deepEqual(await getJson(`${url}/api/v2/spans?serviceName=`), []);
  deepEqual(await getJson(`${url}/api/v2/remoteServices?serviceName=${names.mailtrap}`), []);
});

contract("completes no tags", async (url) => {
  deepEqual(await getJson(`${url}/api/v2/autocompleteKeys`), []);
  deepEqual(await getJson(`${url}/api/v2/autocompleteValues?key=http.method`), []);
});

contract("says which parameter is missing", async (url) => {
  const missing: readonly (readonly [string, string])[] = [
    ["spans", "serviceName"],
    ["remoteServices", "serviceName"],
    ["traceMany", "traceIds"],
    ["dependencies", "endTs"],
    ["autocompleteValues", "key"],
  ];
  for (const [path, parameter] of missing) {
    deepEqual(await get(`${url}/api/v2/${path}`), {
      status: 400,
      text: `Mandatory parameter/header/attribute is missing: ${parameter}`,
    });
  }
});

type Query = Readonly<Record<string, string | number>>;

/** The ids of the traces that a search finds, in its order. */
async function search(url: string, parameters: Query): Promise<readonly string[]> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) query.set(name, String(value));
  const traces = await getJson(`${url}/api/v2/traces?${query}`);
  return (traces as readonly (readonly [ZipkinSpan])[]).map(([{ traceId }]) => traceId);
}

contract("searches traces, newest first", async (url) => {
  const startUs = nowUs() - 60_000_000;
  const { traceId, pollTraceId, names, spans } = emailSpans(startUs, "450 try later");
  await store(url, spans);
  const poller = names["mail-poller"];
  const emailer = names.emailer;
  const both = [pollTraceId, traceId];
  const ofError = { serviceName: emailer, annotationQuery: "error" };
  const startMs = startUs / 1_000;
  const searches: readonly (readonly [Query, readonly string[]])[] = [
    [{ serviceName: poller }, both],
    [{ serviceName: poller, limit: 1 }, [pollTraceId]],
    [{ serviceName: poller, spanName: "Archive-Email" }, [traceId]],
    [{ serviceName: poller, spanName: "send-email" }, []],
    [{ serviceName: poller, spanName: "all" }, both],
    [{ serviceName: emailer.toUpperCase() }, [traceId]],
    [{ remoteServiceName: names.mongodb }, [pollTraceId]],
    [{ serviceName: emailer, remoteServiceName: names.mongodb }, []],
    [ofError, [traceId]],
    [{ ...ofError, annotationQuery: "error=450 try later" }, [traceId]],
    [{ ...ofError, annotationQuery: "error = 450 try later and error" }, [traceId]],
    [{ ...ofError, annotationQuery: "error=other" }, []],
    [{ ...ofError, annotationQuery: "http.method" }, []],
    [{ ...ofError, annotationQuery: "error and x" }, []],
    [{ serviceName: poller, minDuration: 400_000 }, [traceId]],
    [{ serviceName: poller, minDuration: 1, maxDuration: 99_999 }, [pollTraceId]],
    [{ serviceName: emailer, minDuration: 280_000, maxDuration: 280_000 }, [traceId]],
    [{ serviceName: emailer, minDuration: 280_001, maxDuration: 290_000 }, []],
    [{ serviceName: poller, endTs: startMs }, [traceId]],
    [{ serviceName: emailer, endTs: startMs + 100 }, [traceId]],
    [{ serviceName: emailer, endTs: startMs, lookback: 1 }, [traceId]],
    [{ serviceName: emailer, endTs: startMs - 1 }, []],
    [{ serviceName: emailer, lookback: 59_000 }, []],
  ];
  for (const [parameters, expected] of searches) {
    deepEqual(await search(url, parameters), expected, JSON.stringify(parameters));
  }
});

contract("finds ten traces of the last day where nothing else is asked for", async (url) => {
  const { service } = uniqueNames("service");
  const minuteUs = 60_000_000;
  const agesUs = [
    undefined,
    25 * 60 * minuteUs,
    ...[...Array(11).keys()].map((age) => age * minuteUs),
  ];
  const now = nowUs();
  const spans = agesUs.map((ageUs): ZipkinSpan => ({
    traceId: randomHex(32),
    id: "0000000000000001",
    localEndpoint: { serviceName: service },
    tags: { key: "toString" },
    ...(ageUs === undefined ? {} : { timestamp: now - ageUs }),
  }));
  await store(url, spans);
  const found = (more: Query) => search(url, { serviceName: service, ...more });
  const newest = spans.slice(2).map(({ traceId }) => traceId);
  deepEqual(await found({ spanName: "all" }), newest.slice(0, 10));
  deepEqual(await found({ limit: 20 }), newest);
  deepEqual(await found({ annotationQuery: "toString" }), []);
  deepEqual(await found({ endTs: 1_000, lookback: 5_000 }), []);
});

contract(
  "searches by the start of the root, and puts the traces with the latest span first",
  async (url) => {
    const { service } = uniqueNames("service");
    const startMs = Date.now() - 60_000;
    const traceOf = (rootMs: number, laterMs: number): readonly ZipkinSpan[] => {
      const traceId = randomHex(32);
      const span = { traceId, localEndpoint: { serviceName: service } };
      const [id, parentId] = ["0000000000000002", "0000000000000001"];
      return [
        { ...span, id, parentId, timestamp: (startMs + laterMs) * 1_000 },
        { ...span, id: parentId, timestamp: (startMs + rootMs) * 1_000 },
      ];
    };
    const [long, middle, short] = [traceOf(0, 3_000), traceOf(1_000, 2_000), traceOf(2_000, 1_000)];
    await store(url, [...short, ...long, ...middle]);
    const between = (fromMs: number, toMs: number, limit: number) => {
      const range = { endTs: startMs + toMs, lookback: toMs - fromMs };
      return search(url, { serviceName: service, ...range, limit });
    };
    const [longId, middleId, shortId] = [long, middle, short].map(([span]) => span?.traceId);
    deepEqual(new Set(await between(-1_000, 5_000, 3)), new Set([longId, middleId, shortId]));
    deepEqual(await between(-1_000, 5_000, 1), [longId]);
    deepEqual(new Set(await between(-1_000, 1_999, 9)), new Set([longId, middleId]));
    // Both ends belong to the window, so that windows that touch leave nothing out.
    deepEqual(new Set(await between(0, 1_000, 9)), new Set([longId, middleId]));
    deepEqual(await between(1, 999, 9), []);
  },
);

contract("refuses searches that make no sense", async (url) => {
  const refused: readonly (readonly [string, string])[] = [
    ["traces?limit=x", 'For input string: "x"'],
    ["traces?limit=0", "limit <= 0"],
    ["traces?endTs=0", "endTs <= 0"],
    ["traces?lookback=-1", "lookback <= 0"],
    ["traces?minDuration=0", "minDuration <= 0"],
    ["traces?maxDuration=5", "maxDuration is only valid with minDuration"],
    ["traces?minDuration=9&maxDuration=5", "maxDuration < minDuration"],
    ["dependencies?endTs=0", "endTs <= 0"],
    ["dependencies?endTs=5&lookback=0", "lookback <= 0"],
  ];
  for (const [path, text] of refused) {
    deepEqual(await get(`${url}/api/v2/${path}`), { status: 400, text });
  }
});
