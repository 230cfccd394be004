import { deepEqual, equal, match, ok } from "node:assert/strict";
import { integrationTest, serveLocally } from "@playground/shared/testing";
import { ANY_PORTS, STAND_IN_NAMES, startStandIns } from "@playground/tasks/standins";
import { portIfFree } from "@playground/tasks/system";
import { denoVersion, describeFindings, examine } from "./examine.ts";

Deno.test("denoVersion() wants 2.9 or later", () => {
  for (const version of ["2.9.0", "2.10.1", "3.0.0"]) {
    equal(denoVersion(version).status, "ok", version);
  }
  for (const version of ["1.46.3", "2.8.9"]) {
    const { status, remedy } = denoVersion(version);
    equal(status, "problem", version);
    match(remedy ?? "", /deno upgrade/);
  }
});

Deno.test("describeFindings() puts what to do below what is wrong", () => {
  equal(
    describeFindings([
      { subject: "Deno", status: "ok", detail: "2.9.6" },
      { subject: "MongoDB", status: "problem", detail: "is away", remedy: "start it" },
    ]),
    "✓ Deno     2.9.6\n✗ MongoDB  is away\n           → start it",
  );
});

/** The findings about backing services, by what they are about. */
async function backingFindings(settings: Readonly<Record<string, string>>) {
  const findings = await examine(settings, undefined, "/state");
  return findings.filter(({ subject }) => /RabbitMQ|MongoDB|Zipkin|Mail/.test(subject));
}

integrationTest("examine() reports healthy backing services as healthy", async () => {
  await using standIns = await startStandIns([...STAND_IN_NAMES], ANY_PORTS);
  const findings = await backingFindings(standIns.variables);
  equal(findings.length, 5);
  deepEqual(findings.filter(({ status }) => status !== "ok"), []);
});

integrationTest(
  "examine() finds wrong credentials, says what to look at, and shows none",
  async () => {
    await using standIns = await startStandIns(["mailtrap"], ANY_PORTS);
    const findings = await backingFindings({
      ...standIns.variables,
      MAILTRAP_PASSWORD: "wr0ng",
      MAILTRAP_TOKEN: "wr0ng",
    });
    deepEqual(findings.map(({ status }) => status), ["problem", "problem"]);
    match(findings[0]?.remedy ?? "", /MAILTRAP_PASSWORD/);
    match(findings[1]?.remedy ?? "", /MAILTRAP_TOKEN/);
    ok(!describeFindings(findings).includes("wr0ng"));
  },
);

integrationTest("examine() reports each backing service that is away", async () => {
  const away = `127.0.0.1:${portIfFree("127.0.0.1", 0)}`;
  const findings = await backingFindings({
    AMQP_URL: `amqp://user:s3cret@${away},amqp://user:s3cret@${away}`,
    MONGODB_URL: `mongodb://user:s3cret@${away}`,
    ZIPKIN_URL: `http://${away}`,
  });
  deepEqual(findings.map(({ status }) => status), Array.from({ length: 4 }, () => "problem"));
  ok(findings.every(({ remedy }) => remedy !== undefined));
  ok(!describeFindings(findings).includes("s3cret"));
});

/** Answers every request with this status; records what was posted. */
function startAnswering(answer: (request: Request) => number) {
  const seen: string[] = [];
  const server = serveLocally(async (request) => {
    const { method, url, headers } = request;
    const { pathname } = new URL(url);
    seen.push(`${method} ${pathname} ${headers.get("authorization")} ${await request.text()}`);
    return new Response("hello", { status: answer(request) });
  });
  const url = `${server.url.replace("//", "//me:s3cret@")}/backend`;
  return { ...server, url, seen };
}

const LOGIN = `Basic ${btoa("me:s3cret")}`;
const collectors = [
  ["takes spans and shows them", (request: Request) => request.method === "POST" ? 202 : 200],
  ["it takes no spans: it answered 200, not 202", () => 200],
  ["it takes no spans: it answered 415, not 202", () => 415],
  [
    "it takes spans, but shows none: it answered 404",
    (request: Request) => request.method === "POST" ? 202 : 404,
  ],
] as const;
for (const [detail, answer] of collectors) {
  integrationTest(`examine() says of a collector: ${detail}`, async () => {
    await using collector = startAnswering(answer);
    const findings = await backingFindings({ ZIPKIN_URL: `${collector.url}/api/v2/spans` });
    deepEqual(findings.map((finding) => finding.detail), [detail]);
    equal(collector.seen[0], `POST /backend/api/v2/spans ${LOGIN} []`);
  });
}

integrationTest(
  "examine() posts to the collector that takes OTLP where spans go there",
  async () => {
    await using collector = startAnswering(() => 200);
    const settings = {
      OTEL_TRACES_EXPORTER: "otlp",
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      ZIPKIN_URL: collector.url,
    };
    const findings = await examine(settings, undefined, "/state");
    const about = findings.filter(({ subject }) => /OTLP|Zipkin/.test(subject));
    deepEqual(about.map(({ status, detail }) => [status, detail]), [["ok", "takes spans"]]);
    deepEqual(collector.seen, [`POST /backend/v1/traces ${LOGIN} {"resourceSpans":[]}`]);
  },
);
