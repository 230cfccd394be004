import { deepEqual, equal, ok } from "node:assert/strict";
import { integrationTest, serveLocally } from "@playground/shared/testing";
import { FaultsClient } from "@playground/tasks/clients/faults";
import { Faults } from "@playground/tasks/faults";
import { createControlApi } from "../standins/faults/control_api.ts";
import { EXAMPLE_URLS } from "../system/testing.ts";
import { Classroom } from "./classroom.ts";
import { LESSONS } from "./lessons/mod.ts";

integrationTest(
  "Classroom sends no email for a lesson that another one replaced before it began",
  async () => {
    using faults = new Faults();
    await using control = serveLocally(createControlApi(faults).fetch);
    const senders: string[] = [];
    const system = {
      urls: EXAMPLE_URLS,
      faults: new FaultsClient(new URL(control.url)),
      client: {
        postEmail: ({ sender }: { readonly sender: { readonly address: string } }) => {
          senders.push(sender.address);
          return Promise.resolve({ status: "unreachable", reason: "it is a test" } as const);
        },
        readTrace: () => Promise.resolve({ status: "unknown" } as const),
      },
    };
    const classroom = new Classroom(() => Promise.resolve({ suits: true, active: [], system }));
    const lessons = LESSONS.filter(({ faults, emailCount = 1 }) =>
      faults.length === 1 && emailCount === 1
    );
    await Promise.all(lessons.slice(0, 5).map((lesson) => classroom.start(lesson)));
    await classroom.stop();
    ok(senders.length <= 1, `${senders.length} emails`);
    deepEqual(faults.list().filter(({ active }) => active !== null), []);
    equal(classroom.given?.state, "stopped");
  },
);
