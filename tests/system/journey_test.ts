/**
 * An email's journey from `POST /email` to the archive, through all three services, on the stand-ins and on the real components.
 *
 * @module
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { DEAD_LETTER_QUEUE, EXCHANGE, QUEUE, ROUTING_KEY } from "@playground/shared/amqp";
import type { EmailDocument } from "@playground/shared/email";
import { hasTestPermissions, integrationTest, waitFor } from "@playground/shared/testing";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import type { AcceptedEmail } from "@playground/tasks/clients/message-server";
import { connect } from "amqplib";
import { Buffer } from "node:buffer";
import { createTransport } from "nodemailer";
import { isWhole, startTestSystem, type TestSystem, traceUntil } from "../fixture/test_system.ts";

const variable = (name: string) => hasTestPermissions ? Deno.env.get(name) : undefined;
const real = {
  AMQP_URL: variable("TEST_AMQP_URL"),
  ZIPKIN_URL: variable("TEST_ZIPKIN_URL"),
  MONGODB_URL: variable("TEST_MONGODB_URL"),
};
const missing = Object.entries(real).filter(([, url]) => url === undefined).map(([name]) =>
  `TEST_${name}`
);

/** The two systems: with all stand-ins, and with the real RabbitMQ, Zipkin and MongoDB-wire server. */
const systems = [
  { name: "embedded", settings: () => ({}), options: {} },
  {
    name: "real",
    // A database of its own, so that what other tests archived is not counted.
    settings: () => ({
      ...real,
      MONGODB_URL: `${real.MONGODB_URL}/journey-${crypto.randomUUID()}`,
    }),
    options: missing.length === 0 ? {} : { ignoredBecause: `set ${missing.join(", ")} to run it` },
  },
] as const;

/** Short delays, so that all attempts are over in about a second. */
const QUICK_RETRIES = { RETRY_DELAYS: "200ms,400ms", MAX_ATTEMPTS: "3" };

const EMAIL: EmailDocument = {
  sender: { address: "me@example.com", display: "Zoë 🦊" },
  recipient: { address: "54d15d43b460697c@mailtrap.io" },
  subject: "Grüße 👋",
  body: "First line\n.second line\n\nbare\rCR and the end",
};

async function accept({ client }: TestSystem, document: EmailDocument): Promise<AcceptedEmail> {
  const result = await client.postEmail(document);
  if (result.status !== "accepted") throw new Error(JSON.stringify(result));
  return result.email;
}

const to = (address: string): EmailDocument => ({ ...EMAIL, recipient: { address } });

/** `name service kind` of each span, indented below its parent, in order of time. */
function outline(spans: readonly ZipkinSpan[], parentId?: string, depth = 0): string[] {
  return spans.filter((span) => span.parentId === parentId)
    .toSorted((a, b) => (a.timestamp ?? 0) - (b.timestamp ?? 0))
    .flatMap((span, index, siblings) => {
      const line = `${"  ".repeat(depth)}${span.name} ${span.localEndpoint?.serviceName} ${
        span.kind ?? "-"
      }`;
      // The two halves of a publish share their id and so their children.
      const isSecondHalf = siblings.slice(0, index).some(({ id }) => id === span.id);
      return [line, ...isSecondHalf ? [] : outline(spans, span.id, depth + 1)];
    });
}

const errorsOf = (spans: readonly ZipkinSpan[]) =>
  spans.filter(({ tags }) => tags?.error !== undefined).map(({ name }) => name).toSorted();

for (const { name, settings, options } of systems) {
  integrationTest(`journey (${name}): an email is archived and leaves both traces`, async () => {
    await using test = await startTestSystem({ settings: settings() });
    const email = await accept(test, EMAIL);
    const { spans } = await traceUntil(
      test.client,
      email.traceId,
      ({ state, spans }) =>
        state.name === "archived" && isWhole(spans) &&
        ["archive-email", "poll-email"].every((name) => spans.some((span) => span.name === name)),
    );
    const [document, ...others] = await test.archived({ emailId: email.id });
    ok(document);
    equal(others.length, 0);
    equal(document.messageId, email.messageId);
    deepEqual(document.from, { address: "me@example.com", name: "Zoë 🦊" });
    deepEqual(document.to, [{ address: "54d15d43b460697c@mailtrap.io", name: "" }]);
    equal(document.subject, EMAIL.subject);
    equal(document.text, "First line\n.second line\n\nbare\nCR and the end");
    equal(document.deliveries.length, 1);
    ok(document.raw !== null && document.raw.buffer.length > 0);
    equal(document.trace?.traceId, email.traceId);

    const own = spans.filter(({ traceId }) => traceId === email.traceId);
    const poll = spans.filter(({ traceId }) => traceId === document.pollTraceId);
    deepEqual(outline(own), [
      "schedule-email message-server SERVER",
      "  amqp-publish message-server PRODUCER",
      "    emailer emailer SERVER",
      "      send-email emailer CLIENT",
      "      archive-email mail-poller -",
      "  amqp-publish rabbitmq CONSUMER",
    ]);
    deepEqual(outline(poll), [
      "poll-email mail-poller -",
      "  fetch-inbox mail-poller CLIENT",
      "  fetch-message mail-poller CLIENT",
      "  store-message mail-poller CLIENT",
      "  delete-message mail-poller CLIENT",
    ]);
    deepEqual(errorsOf(spans), []);
    const emailer = own.find((span) => span.name === "emailer");
    equal(document.trace?.spanId, emailer?.id);
    const remotes = Object.fromEntries(
      spans.map((span) => [`${span.name} ${span.kind}`, span.remoteEndpoint?.serviceName]),
    );
    equal(remotes["amqp-publish PRODUCER"], "rabbitmq");
    equal(remotes["amqp-publish CONSUMER"], "message-server");
    equal(remotes["send-email CLIENT"], "mailtrap");
    equal(remotes["store-message CLIENT"], "mongodb");
  }, options);

  integrationTest(
    `journey (${name}): a refused recipient is dead-lettered, with the reason`,
    async () => {
      await using test = await startTestSystem({ settings: settings() });
      const email = await accept(test, to("bounce+550+no+such+user@example.com"));
      const { state, spans } = await traceUntil(
        test.client,
        email.traceId,
        ({ state, spans }) => state.name === "dead-lettered" && isWhole(spans),
      );
      ok(state.name === "dead-lettered");
      match(state.reason, /550/);
      deepEqual(errorsOf(spans), ["emailer", "send-email"]);
      const dead = await takeDeadLetter(test, email.id);
      match(String(dead["x-dead-reason"]), /550/);
      equal(dead["x-attempt"], 1);
      equal(dead["X-B3-TraceId"], email.traceId);
    },
    options,
  );

  integrationTest(
    `journey (${name}): a deferred email is tried again, then dead-lettered`,
    async () => {
      await using test = await startTestSystem({ settings: { ...settings(), ...QUICK_RETRIES } });
      const email = await accept(test, to("bounce+451+try+later@example.com"));
      const { spans } = await traceUntil(
        test.client,
        email.traceId,
        ({ state, spans }) => state.name === "dead-lettered" && isWhole(spans),
      );
      deepEqual(outline(spans), [
        "schedule-email message-server SERVER",
        "  amqp-publish message-server PRODUCER",
        "    emailer emailer SERVER",
        "      send-email emailer CLIENT",
        "      amqp-retry emailer PRODUCER",
        "        emailer emailer SERVER",
        "          send-email emailer CLIENT",
        "          amqp-retry emailer PRODUCER",
        "            emailer emailer SERVER",
        "              send-email emailer CLIENT",
        "          amqp-retry rabbitmq CONSUMER",
        "      amqp-retry rabbitmq CONSUMER",
        "  amqp-publish rabbitmq CONSUMER",
      ]);
      const waits = spans.filter(({ name, kind }) => name === "amqp-retry" && kind === "CONSUMER")
        .map(({ duration = 0 }) => duration).toSorted((a, b) => a - b);
      ok((waits[0] ?? 0) >= 200_000, `the first wait is ${waits[0]} µs`);
      ok((waits[1] ?? 0) >= 400_000, `the second wait is ${waits[1]} µs`);
      await takeDeadLetter(test, email.id);
    },
    options,
  );

  integrationTest(
    `journey (${name}): messages that are no emails are dead-lettered and hold up no other`,
    async () => {
      await using test = await startTestSystem({ settings: settings() });
      const ids = ["not JSON", '{"sender":1}', "\xff\xfe"].map((content) => ({
        id: crypto.randomUUID(),
        content: Buffer.from(content, "latin1"),
      }));
      await publish(test, ids.map(({ id, content }) => ({ content, messageId: id })));
      const email = await accept(test, EMAIL);
      await traceUntil(test.client, email.traceId, ({ state }) => state.name === "archived");
      for (const { id } of ids) {
        const headers = await takeDeadLetter(test, id);
        match(String(headers["x-dead-reason"]), /not JSON|not an email/);
      }
    },
    options,
  );

  integrationTest(`journey (${name}): a message of the original's server is archived`, async () => {
    await using test = await startTestSystem({ settings: settings() });
    const messageId = crypto.randomUUID();
    const traceId = crypto.randomUUID().replaceAll("-", "");
    const content = Buffer.from(
      '{"sender":{"address":"me@example.com"},"recipient":{"address":"you@example.com"},"subject":"Old","body":"Hello"}',
    );
    const headers = {
      "X-B3-TraceId": traceId,
      "X-B3-SpanId": "8dc810654b39fa50",
      "X-B3-ParentSpanId": "d3a4c80eb70ff124",
      "X-B3-Sampled": "1",
    };
    await publish(test, [{ content, messageId, headers, appId: "messageserver/0.0.0" }, {
      content: Buffer.from(String(content).replace("Old", "Bare")),
    }]);
    await waitFor(
      "both messages are archived",
      async () => (await test.archived({ subject: { $in: ["Old", "Bare"] } })).length === 2,
    );
    const [document] = await test.archived({ emailId: messageId });
    equal(document?.trace?.traceId, traceId);
    const { spans } = await traceUntil(
      test.client,
      traceId,
      ({ state, spans }) =>
        state.name === "archived" && spans.some(({ name }) => name === "emailer"),
    );
    const half = spans.find(({ name }) => name === "amqp-publish");
    deepEqual([half?.id, half?.parentId, half?.localEndpoint?.serviceName], [
      "8dc810654b39fa50",
      "d3a4c80eb70ff124",
      "rabbitmq",
    ]);
  }, options);

  integrationTest(`journey (${name}): 200 emails at once are archived once each`, async () => {
    await using test = await startTestSystem({ settings: settings() });
    const emails = await Promise.all(
      Array.from({ length: 200 }, (_, index) => accept(test, { ...EMAIL, subject: `No ${index}` })),
    );
    await waitFor(
      "all emails are archived",
      async () => (await test.archived()).length >= emails.length,
      60_000,
    );
    const archived = await test.archived();
    deepEqual(
      archived.map(({ emailId }) => emailId).toSorted(),
      emails.map(({ id }) => id).toSorted(),
    );
    await waitFor("the inbox and the queues are empty", async () => await leftOver(test) === 0);
  }, options);
}

integrationTest("journey (embedded): a mail that cannot be parsed is archived raw", async () => {
  await using test = await startTestSystem();
  const { standInVariables: { SMTP_HOST, SMTP_PORT, SMTP_CA, MAILTRAP_USER, MAILTRAP_PASSWORD } } =
    test.system;
  const transport = createTransport({
    host: SMTP_HOST,
    port: Number(SMTP_PORT),
    requireTLS: true,
    tls: { ca: SMTP_CA },
    auth: { user: MAILTRAP_USER ?? "", pass: MAILTRAP_PASSWORD ?? "" },
  });
  const parts = Array.from(
    { length: 300 },
    (_, depth) => `Content-Type: multipart/mixed; boundary="${depth}"\r\n\r\n--${depth}\r\n`,
  );
  const raw = Buffer.from(`From: a@example.com\r\n${parts.join("")}\xff\r\n`, "latin1");
  await transport.sendMail({ envelope: { from: "a@example.com", to: ["b@example.com"] }, raw });
  transport.close();
  await waitFor("the mail is archived", async () => (await test.archived()).length === 1);
  const [document] = await test.archived();
  ok(document?.parseError);
  deepEqual(Buffer.from(document.raw?.buffer ?? []), raw);
});

integrationTest(
  "journey (embedded): kill -9 of every process after the 202s loses nothing",
  async () => {
    const stateDirectory = await Deno.makeTempDir();
    try {
      const accepted: string[] = [];
      {
        await using test = await startTestSystem({ stateDirectory });
        const emails = await Promise.all(
          Array.from(
            { length: 50 },
            (_, index) => accept(test, { ...EMAIL, subject: `No ${index}` }),
          ),
        );
        accepted.push(...emails.map(({ id }) => id));
        for (const pid of Object.values(test.system.pids)) Deno.kill(pid, "SIGKILL");
      }
      await using test = await startTestSystem({ stateDirectory });
      await waitFor(
        "all emails are archived",
        async () => (await test.archived()).length >= accepted.length,
        60_000,
      );
      const archived = await test.archived();
      deepEqual(archived.map(({ emailId }) => emailId).toSorted(), accepted.toSorted());
    } finally {
      await Deno.remove(stateDirectory, { recursive: true });
    }
  },
);

interface TestMessage {
  readonly content: Buffer;
  readonly messageId?: string;
  readonly appId?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function publish({ system }: TestSystem, messages: readonly TestMessage[]): Promise<void> {
  const connection = await connect(system.urls.amqp);
  const channel = await connection.createConfirmChannel();
  for (const { content, ...options } of messages) {
    channel.publish(EXCHANGE, ROUTING_KEY, content, options);
  }
  await channel.waitForConfirms();
  await connection.close();
}

/** Takes the dead letter of one email off the queue; the others stay. */
async function takeDeadLetter(
  { system }: TestSystem,
  emailId: string,
): Promise<Readonly<Record<string, unknown>>> {
  const connection = await connect(system.urls.amqp);
  const channel = await connection.createChannel();
  try {
    let found: Readonly<Record<string, unknown>> | undefined;
    await waitFor(`the dead letter of ${emailId} is there`, async () => {
      for (;;) {
        const message = await channel.get(DEAD_LETTER_QUEUE);
        if (message === false) break;
        if (message.properties.messageId !== emailId) continue;
        found = message.properties.headers ?? {};
        channel.ack(message);
        break;
      }
      // What is not acknowledged goes back.
      await channel.recover();
      return found !== undefined;
    });
    return found ?? {};
  } finally {
    await connection.close();
  }
}

/** How many messages are still in the queue or the inbox. */
async function leftOver({ system }: TestSystem): Promise<number> {
  const connection = await connect(system.urls.amqp);
  const channel = await connection.createChannel();
  const { messageCount } = await channel.checkQueue(QUEUE);
  await connection.close();
  const { MAILTRAP_URL, MAILTRAP_BOXID, MAILTRAP_TOKEN } = system.standInVariables;
  const response = await fetch(`${MAILTRAP_URL}/api/sandboxes/${MAILTRAP_BOXID}/messages`, {
    headers: { "Api-Token": MAILTRAP_TOKEN ?? "" },
  });
  const inbox: readonly unknown[] = await response.json();
  return messageCount + inbox.length;
}
