import { deepEqual, equal, rejects } from "node:assert/strict";
import { integrationTest, serveLocally } from "@playground/shared/testing";
import { postEmails } from "./generator.ts";

integrationTest(
  "postEmails() posts each email once, at its rate, and refuses any other answer",
  async () => {
    const subjects: string[] = [];
    let status = 202;
    await using server = serveLocally(async (request) => {
      subjects.push((await request.json()).subject);
      return new Response(null, { status });
    });
    const load = { url: server.url, concurrency: 1, count: 5 };
    const paced = await postEmails({ ...load, ratePerSecond: 100, isNumbered: true });
    deepEqual(subjects, ["0", "1", "2", "3", "4"]);
    equal(paced.seconds >= 0.04, true);
    status = 503;
    await rejects(postEmails(load), /answered 503/);
  },
);
