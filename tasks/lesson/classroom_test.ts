import { deepEqual, equal, ok } from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import { FaultsClient } from "@playground/tasks/clients/faults";
import { Faults } from "@playground/tasks/faults";
import { startControlServer } from "../standins/faults/control_api.ts";
import { Classroom } from "./classroom.ts";
import { LESSONS } from "./lessons/mod.ts";

/** Gives lessons on faults that strike nothing; the message server cannot be reached. */
async function openClassroom() {
  await using resources = new AsyncDisposableStack();
  const faults = resources.use(new Faults());
  const control = resources.use(await startControlServer(faults, 0));
  const senders: string[] = [];
  const urls = {
    messageServer: "",
    zipkin: "",
    amqp: "",
    mongodb: "",
    mailtrapApi: "",
    smtp: "",
    emailer: "",
  };
  const classroom = resources.use(
    new Classroom({
      timeoutMs: 60_000,
      findSystem: () =>
        Promise.resolve({
          suits: true,
          active: [],
          system: {
            urls,
            faults: new FaultsClient(new URL(control.url)),
            client: {
              postEmail: ({ sender }) => {
                senders.push(sender.address);
                return Promise.resolve({ status: "unreachable", reason: "it is a test" });
              },
              readTrace: () => Promise.resolve({ status: "unknown" }),
            },
          },
        }),
    }),
  );
  const owned = resources.move();
  return { faults, classroom, senders, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const WITH_FAULT = LESSONS.filter(({ faults, emailCount = 1 }) =>
  faults.length === 1 && emailCount === 1
);

integrationTest("Classroom restores the faults when a lesson is stopped", async () => {
  await using test = await openClassroom();
  const [lesson] = WITH_FAULT;
  ok(lesson?.faults[0]);
  const { name } = lesson.faults[0];
  const { promise: isSet, resolve } = Promise.withResolvers<void>();
  test.faults.onChange(() => resolve());
  await test.classroom.start(lesson);
  await isSet;
  ok(test.faults.describe(name).active?.endsAt, "it ends, even if the lesson is killed");
  await test.classroom.stop();
  equal(test.faults.describe(name).active, null);
  deepEqual([test.classroom.given?.state, test.classroom.given?.isMended], ["stopped", true]);
});

integrationTest(
  "Classroom sends no email for a lesson that another one replaced before it began",
  async () => {
    await using test = await openClassroom();
    await Promise.all(WITH_FAULT.slice(0, 5).map((lesson) => test.classroom.start(lesson)));
    await test.classroom.stop();
    ok(test.senders.length <= 1, `${test.senders.length} emails`);
    deepEqual(test.faults.list().filter(({ active }) => active !== null), []);
    equal(test.classroom.given?.state, "stopped");
  },
);
