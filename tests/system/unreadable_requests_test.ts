/**
 * Unreadable requests are their callers' mistake, on each HTTP port of the services and the stand-ins: a 400, and no error in any
 * log.
 */
import { deepEqual, match } from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import { answerTo, HALF_BODY, HalfSentRequests, WHOLE } from "../fixture/half_sent_requests.ts";
import { startService } from "../fixture/service_process.ts";
import { startTestSystem } from "../fixture/test_system.ts";
import { TraceReader } from "../fixture/traces.ts";

const BAD_HOSTS = [
  "Host: a b\r\n",
  "Host: h:99999\r\n",
  "Host: [::1]x\r\n",
  "Host: 127.0.0.1/path\r\n",
  "Host: 127.0.0.1?query\r\n",
  "Host: user@127.0.0.1\r\n",
  "Host: \r\n",
  "",
];

async function leaveInside(url: string, beginning: string): Promise<void> {
  {
    using _caller = await HalfSentRequests.open(url, beginning, 1);
  }
  // When this is answered, the server knows that the caller has left.
  await answerTo(WHOLE, url);
}

integrationTest(
  "an unreadable request is a 400 and no error in any log, on all six HTTP ports",
  async (context) => {
    await using test = await startTestSystem();
    const { urls, variables } = test.system;
    await using poller = await startService("mail-poller", variables);
    const ports = {
      "message server": urls.messageServer,
      emailer: urls.emailer,
      "mail poller": poller.url,
      Zipkin: urls.zipkin,
      Mailtrap: urls.mailtrapApi,
      faults: urls.faults ?? "",
    };
    const errors = () => [...test.lines, ...poller.lines].filter((line) => /\berror\b/i.test(line));

    await context.step("a caller that leaves inside the body is a 400 in its span", async () => {
      await leaveInside(urls.messageServer, HALF_BODY);
      const tags = { "http.status_code": "400" };
      await new TraceReader(urls.zipkin).findTrace({ serviceName: "message-server" }, [
        { name: "schedule-email", isFailed: true, tags },
      ]);
      deepEqual(errors(), []);
    });

    for (const [name, url] of Object.entries(ports)) {
      await context.step(`${name}: a bad Host, and a body whose caller leaves`, async () => {
        for (const path of ["/", "/healthz", "/readyz"]) {
          for (const host of BAD_HOSTS) {
            const request = `GET ${path} HTTP/1.1\r\n${host}Connection: close\r\n\r\n`;
            match(await answerTo(request, url), /^HTTP\/1\.1 400 Bad Request\r\n/, request);
          }
        }
        const head = "HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n";
        for (const target of ["POST /email", "POST /api/v2/spans", "PUT /faults/zipkin.down"]) {
          await leaveInside(url, `${target} ${head}Content-Length: 99\r\n\r\n[{`);
          await leaveInside(url, `${target} ${head}Transfer-Encoding: chunked\r\n\r\n9\r\n[{`);
        }
        deepEqual(errors(), []);
      });
    }
  },
);
