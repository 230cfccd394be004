import { deepEqual, equal, match } from "node:assert/strict";
import { gzipSync } from "node:zlib";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import {
  contract,
  emailSpans,
  get,
  getJson,
  nowUs,
  post,
  randomHex,
  store,
  waitForTrace,
} from "../../fixture/zipkin.ts";

contract("shows a record once that was posted twice", async (url) => {
  const { traceId, spans } = emailSpans(nowUs());
  const [first, second] = spans;
  if (first === undefined || second === undefined) throw new TypeError("The example has no spans");
  await store(url, [first]);
  await store(url, [{ ...first, name: first.name?.toUpperCase() ?? "" }, second]);
  deepEqual(
    new Set(await getJson(`${url}/api/v2/trace/${traceId}`) as readonly ZipkinSpan[]),
    new Set([first, second]),
  );
});

contract("keeps the members of a span that are not empty, spelled as Zipkin does", async (url) => {
  const cases: readonly (readonly [string, Partial<ZipkinSpan>])[] = [
    ['"name":"GET /Email","unknown":{"x":[1]}', { name: "get /email" }],
    ['"parentId":"0"', {}],
    ['"parentId":"1"', {}], // its own id
    ['"parentId":"2"', { parentId: "0000000000000002" }],
    ['"kind":"CLIENT","shared":true', { kind: "CLIENT" }],
    ['"kind":"SERVER","shared":true,"debug":true', { kind: "SERVER", shared: true, debug: true }],
    ['"timestamp":"14","duration":7', { timestamp: 14, duration: 7 }],
    ['"timestamp":-5,"duration":0,"debug":false,"name":"","tags":{},"annotations":[]', {}],
    ['"localEndpoint":null,"remoteEndpoint":{}', {}],
    [
      '"localEndpoint":{"serviceName":"RabbitMQ","ipv4":"::1","port":"5672"}',
      { localEndpoint: { serviceName: "rabbitmq", ipv6: "::1", port: 5672 } },
    ],
    ['"remoteEndpoint":{"serviceName":"","ipv4":"localhost","port":0}', {}],
    ['"remoteEndpoint":{"ipv6":"fe80::1%eth0"}', {}],
    [
      '"localEndpoint":{"ipv6":"::ffff:192.0.2.1","ipv4":"2001:DB8:0:0:0::1"}',
      { localEndpoint: { ipv4: "192.0.2.1", ipv6: "2001:db8::1" } },
    ],
    [
      '"annotations":[{"timestamp":3,"value":"a"},{"timestamp":1,"value":"b"},{"timestamp":3,"value":"a"}]',
      { annotations: [{ timestamp: 1, value: "b" }, { timestamp: 3, value: "a" }] },
    ],
    ['"tags":{"z":"1","a":2,"toString":"b"}', { tags: { a: "2", toString: "b", z: "1" } }],
  ];
  for (const [members, kept] of cases) deepEqual(await readBack(url, members), kept, members);
});

/** Posts a span with these members, and returns the collector's form of it. */
async function readBack(url: string, members: string): Promise<unknown> {
  const traceId = randomHex(16);
  const body = `[{"traceId":"${traceId}","id":"1",${members}}]`;
  deepEqual(await post(url, body), { status: 202, text: "" });
  await waitForTrace(url, traceId);
  const spans = await getJson(`${url}/api/v2/trace/${traceId}`) as [ZipkinSpan];
  const [{ traceId: _traceId, id: _id, ...rest }] = spans;
  return rest;
}

const WRITTEN_NUMBERS = ["1.0", "1.50", "1e5", "1E400", "-0", "0.1e-7", "12345678901234567890"];

contract("keeps the digits of a number in a tag or a name", async (url) => {
  const tags = Object.fromEntries(WRITTEN_NUMBERS.map((digits, index) => [`tag${index}`, digits]));
  const written = Object.entries(tags).map(([name, digits]) => `"${name}":${digits}`).join();
  deepEqual(await readBack(url, `"name":1.0,"tags":{${written}}`), { name: "1.0", tags });
});

contract("takes a whole number in whatever form it is written", async (url) => {
  for (const written of ["1000", "1000.0", "1e3", '"1000"', '"1000.0"', '"1e3"']) {
    deepEqual(await readBack(url, `"timestamp":${written}`), { timestamp: 1000 }, written);
  }
  deepEqual(await readBack(url, '"localEndpoint":{"serviceName":"a","port":8e1}'), {
    localEndpoint: { serviceName: "a", port: 80 },
  });
});

contract("takes line ends, tabs and NULs within a text", async (url) => {
  for (const text of ["a\nb", "a\r\nb", "a\tb", "a\u0000b", "\u0000", "\u001f"]) {
    deepEqual(await readBack(url, `"tags":{"a":"${text}"}`), { tags: { a: text } });
  }
  deepEqual(
    await readBack(
      url,
      '"tags":{"a":"\\"\n\\\\"},"annotations":[{"timestamp":1,"value":"\u0000\n"}]',
    ),
    { annotations: [{ timestamp: 1, value: "\u0000\n" }], tags: { a: '"\n\\' } },
  );
});

contract("takes white space everywhere, and ignores what follows the list", async (url) => {
  const list = (traceId: string) => `\n [\r\n{"traceId":\t"${traceId}",\n"id" : "1"}\n]`;
  for (const end of ["", "\n", "\u0000", " junk", "]"]) {
    const traceId = randomHex(16);
    equal((await post(url, list(traceId) + end)).status, 202, JSON.stringify(end));
    await waitForTrace(url, traceId);
  }
});

for (
  const [what, memberCount] of [["a gzipped body", 1], ["gzip of several members", 3]] as const
) {
  contract(`takes ${what}`, async (url) => {
    const { traceId, spans } = emailSpans(nowUs());
    const text = JSON.stringify(spans);
    const lengths = Array.from({ length: memberCount }, () => Math.ceil(text.length / memberCount));
    const members = lengths.map((length, index) =>
      Uint8Array.from(gzipSync(text.slice(index * length, (index + 1) * length)))
    );
    equal((await post(url, new Blob(members), { "content-encoding": "gzip" })).status, 202);
    await waitForTrace(url, traceId);
  });
}

contract("takes an empty body and an empty list", async (url) => {
  equal((await post(url, "")).status, 202);
  equal((await post(url, "[]")).status, 202);
});

contract("refuses malformed spans and says why", async (url) => {
  const refused: readonly (readonly [string, RegExp])[] = [
    ["{}", /^Expected a JSON_V2 encoded list\n$/],
    ["spans", /^Expected a JSON_V2 encoded list\n$/],
    ["[1]", /^Malformed reading List<Span> from json$/],
    ['[{"traceId":"1","id":"1"', / reading List<Span> from json$/],
    ["[{}]", /^Missing : traceId id reading List<Span> from json$/],
    ['[{"traceId":"","id":"1"}]', /^traceId is empty reading/],
    ['[{"traceId":"00","id":"1"}]', /^traceId is all zeros reading/],
    [`[{"traceId":"${"1".repeat(33)}","id":"1"}]`, /^traceId.length > 32 reading/],
    ['[{"traceId":"AB","id":"1"}]', /^AB should be lower-hex encoded with no prefix reading/],
    [`[{"traceId":"1","id":"${"1".repeat(17)}"}]`, /^id.length > 16 reading/],
    [`[{"traceId":"1","id":"${"0".repeat(16)}"}]`, /^id is all zeros reading/],
    ['[{"traceId":"1","id":"0x1"}]', /^0x1 should be lower-hex encoded with no prefix reading/],
    ['[{"traceId":"1","id":"1","kind":"X"}]', /^No enum constant zipkin2.Span.Kind.X reading/],
    ['[{"traceId":"1","id":"1","timestamp":"soon"}]', /^For input string: "soon" reading/],
    ['[{"traceId":"1","id":"1","localEndpoint":{"port":70000}}]', /^invalid port 70000 reading/],
    ['[{"traceId":"1","id":"1","binaryAnnotations":[]}]', /but received: JSON_V1\n$/],
  ];
  for (const [body, reason] of refused) {
    const { status, text } = await post(url, body);
    equal(status, 400, body);
    match(text, reason);
  }
});

contract("says in which span of the list what is wrong", async (url) => {
  const refused = [
    ['"tags":{"x":true}', "Expected a string but was BOOLEAN", "tags.x"],
    ['"tags":{"x":{}}', "Expected a string but was BEGIN_OBJECT", "tags.x"],
    ['"tags":{"x.y":[1]}', "Expected a string but was BEGIN_ARRAY", "tags.x.y"],
    ['"tags":{"x":null}', "No value", "tags.x"],
    ['"name":[]', "Expected a string but was BEGIN_ARRAY", "name"],
    ['"kind":true', "Expected a string but was BOOLEAN", "kind"],
    ['"timestamp":1.5', "Expected a long but was 1.5", "timestamp"],
    ['"timestamp":true', "Expected a long but was BOOLEAN", "timestamp"],
    ['"debug":1', "Expected a boolean but was NUMBER", "debug"],
    ['"debug":"true"', "Expected a boolean but was STRING", "debug"],
    [
      '"localEndpoint":{"serviceName":true}',
      "Expected a string but was BOOLEAN",
      "localEndpoint.serviceName",
    ],
    [
      '"annotations":[{"timestamp":1,"value":"a"},{"timestamp":1}]',
      "Incomplete annotation",
      "annotations[1].timestamp",
    ],
    [
      '"annotations":[{"timestamp":1,"value":true}]',
      "Expected a string but was BOOLEAN",
      "annotations[0].value",
    ],
  ] as const;
  const good = '{"traceId":"1","id":"1"}';
  for (const [members, problem, path] of refused) {
    const body = `[${good},${good},${good},{"traceId":"1","id":"1",${members}}]`;
    const { status, text } = await post(url, body);
    equal(status, 400, body);
    const place = RegExp.escape(`$[3].${path}`);
    // The real Zipkin adds a line with the address of an explanation.
    match(text, RegExp(`^${problem} at .*${place}\\b[^]* reading List<Span> from json$`));
  }
});

contract("refuses text that is not JSON, although it is lenient", async (url) => {
  for (
    const members of [
      ...['"tags":{"a":007}', '"tags":{"a":1.}', '"tags":{"a":.5}', '"tags":{"a":NaN}'],
      ...[`"tags":{"a":'a'}`, '"tags":{"a":abc}', '"name":"a",', "\u0000", '"name":"\\x"'],
    ]
  ) {
    const { status, text } = await post(url, `[{"traceId":"1","id":"1",${members}}]`);
    deepEqual([status, text], [400, "Malformed reading List<Span> from json"], members);
  }
});

contract("stores nothing of a list with one malformed span", async (url) => {
  const { traceId, spans } = emailSpans(nowUs());
  equal((await post(url, JSON.stringify([...spans, { id: "1" }]))).status, 400);
  equal((await get(`${url}/api/v2/trace/${traceId}`)).status, 404);
});

contract("refuses a body that is not the gzip that it claims to be", async (url) => {
  const answer = await post(url, "[]", { "content-encoding": "gzip" });
  deepEqual(answer, { status: 400, text: "Cannot gunzip spans" });
});

contract("refuses a body above 10 MiB", async (url) => {
  const span = { traceId: randomHex(32), id: "1", tags: { a: "x".repeat(11 * 1024 * 1024) } };
  const { status, text } = await post(url, JSON.stringify([span]));
  // The real Zipkin answers 500 with the text "413 Request Entity Too Large".
  equal(status === 413 || text.startsWith("413"), true, text);
});
