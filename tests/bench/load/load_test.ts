import { deepEqual, equal, rejects } from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import { createTransport } from "nodemailer";
import { postEmails } from "./generator.ts";
import { emailSample, mailSample } from "./samples.ts";
import { startSmtpSink } from "./sinks.ts";

const NEVER = new AbortController().signal;

integrationTest("startSmtpSink() holds mails back until it is drained", async () => {
  await using resources = new AsyncDisposableStack();
  const sink = await startSmtpSink(resources, NEVER);
  const transport = resources.adopt(
    createTransport({
      pool: true,
      host: "127.0.0.1",
      port: sink.port,
      ignoreTLS: true,
      auth: { user: "user", pass: "password" },
    }),
    (transport) => transport.close(),
  );
  sink.hold();
  let isAccepted = false;
  const sent = transport.sendMail(mailSample(emailSample("7"))).then(() => isAccepted = true);
  await transport.verify();
  equal(isAccepted, false);
  await sink.drain(1);
  await sent;
  deepEqual(Object.keys(sink.takeArrivals()), ["7"]);
  deepEqual(sink.takeArrivals(), []);
});

integrationTest(
  "postEmails() posts each email once, at its rate, and refuses any other answer",
  async () => {
    const subjects: string[] = [];
    let status = 202;
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      async (request) => {
        subjects.push((await request.json()).subject);
        return new Response(null, { status });
      },
    );
    const load = { url: `http://127.0.0.1:${server.addr.port}`, concurrency: 2, count: 5 };
    const paced = await postEmails({ ...load, ratePerSecond: 100, isNumbered: true }, NEVER);
    deepEqual(subjects.toSorted(), ["0", "1", "2", "3", "4"]);
    equal(paced.seconds >= 0.04, true);
    status = 503;
    await rejects(postEmails({ ...load, concurrency: 1 }, NEVER), /answered 503/);
  },
);
