/**
 * Several of each service at once: they share the work, and those that are killed lose no email.
 *
 * @module
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import type { Environment } from "@playground/shared/configuration";
import { hasTestPermissions, integrationTest, waitFor } from "@playground/shared/testing";
import type { ServiceName } from "@playground/tasks/system";
import { ANY_PORTS, STAND_IN_NAMES, startStandIns } from "@playground/tasks/standins";
import { MongoClient } from "mongodb";
import { acceptEmail, clientOf, ServiceProcess } from "../fixture/service_process.ts";
import { type ArchivedMail, traceUntil } from "../fixture/test_system.ts";

const real: Environment = hasTestPermissions
  ? {
    AMQP_URL: Deno.env.get("TEST_AMQP_URL"),
    ZIPKIN_URL: Deno.env.get("TEST_ZIPKIN_URL"),
    MONGODB_URL: Deno.env.get("TEST_MONGODB_URL"),
  }
  : {};
const missing = Object.keys(real).filter((name) => real[name] === undefined);

const EMAIL_COUNT = 200;

/** Several of each service, on one set of backing services. */
interface Fleet extends AsyncDisposable {
  readonly servers: readonly ServiceProcess[];
  readonly emailers: readonly ServiceProcess[];
  readonly pollers: readonly ServiceProcess[];
  readonly archived: () => Promise<ArchivedMail[]>;
}

async function startFleet(backing: "embedded" | "real"): Promise<Fleet> {
  await using resources = new AsyncDisposableStack();
  const standIns = resources.use(
    await startStandIns(backing === "real" ? ["mailtrap"] : [...STAND_IN_NAMES], ANY_PORTS),
  );
  // A database of its own, so that what other tests archived is not counted.
  const database = `scale-${crypto.randomUUID()}`;
  const mongodb = new URL(
    (backing === "real" ? real.MONGODB_URL : standIns.variables.MONGODB_URL) ?? "",
  );
  mongodb.pathname = `/${database}`;
  const environment = {
    ...(backing === "real" ? real : {}),
    ...standIns.variables,
    MONGODB_URL: mongodb.href,
    POLL_INTERVAL_SECONDS: "1",
  };
  const start = (name: ServiceName, count: number) =>
    Array.from(
      { length: count },
      () => resources.use(new ServiceProcess(name, { environment })),
    );
  const servers = start("message-server", 2);
  const emailers = start("emailer", 3);
  const pollers = start("mail-poller", 2);
  await Promise.all([...servers, ...emailers, ...pollers].map((service) => service.ready()));
  const mongo = resources.adopt(new MongoClient(mongodb.href), (client) => client.close());
  const started = resources.move();
  return {
    servers,
    emailers,
    pollers,
    archived: () => mongo.db(database).collection<ArchivedMail>("raw").find().toArray(),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

/** Posts emails to all servers in turn. */
function acceptEmails({ servers }: Fleet, count: number) {
  return Promise.all(
    Array.from({ length: count }, (_, index) => {
      const server = servers[index % servers.length];
      ok(server);
      return acceptEmail(server, { subject: `No ${index}` });
    }),
  );
}

const delivered = ({ lines }: ServiceProcess) =>
  lines.filter((line) => line.includes("Delivered email")).length;

for (
  const { name, options } of [
    { name: "embedded", options: {} },
    {
      name: "real",
      options: missing.length === 0
        ? {}
        : { ignoredBecause: `set ${missing.map((name) => `TEST_${name}`).join(", ")} to run it` },
    },
  ] as const
) {
  integrationTest(
    `2 servers, 3 emailers and 2 pollers (${name}) share the work; every email is archived once`,
    async () => {
      await using fleet = await startFleet(name);
      const emails = await acceptEmails(fleet, EMAIL_COUNT);
      await waitFor(
        "all emails are archived",
        async () => (await fleet.archived()).length >= emails.length,
        60_000,
      );
      const archived = await fleet.archived();
      deepEqual(
        archived.map(({ emailId }) => emailId).toSorted(),
        emails.map(({ id }) => id).toSorted(),
      );
      // Both pollers may have fetched a mail before one of them deleted it: that is still one delivery.
      for (const { deliveries } of archived) equal(deliveries.length, 1);
      for (const emailer of fleet.emailers) {
        ok(delivered(emailer) > 0, "an emailer was given nothing to do");
      }
      equal(fleet.emailers.map(delivered).reduce((sum, count) => sum + count, 0), EMAIL_COUNT);

      const [, second] = fleet.servers;
      const [first] = emails;
      ok(second && first);
      // The other server tells the same.
      await traceUntil(
        clientOf(second),
        first.traceId,
        ({ state }) => state.name === "archived",
      );
    },
    options,
  );
}

integrationTest(
  "kill -9 of a server, an emailer and a poller loses no accepted email",
  async () => {
    await using fleet = await startFleet("embedded");
    const emails = await acceptEmails(fleet, EMAIL_COUNT);
    const [server] = fleet.servers;
    const [emailer] = fleet.emailers;
    const [poller] = fleet.pollers;
    ok(server && emailer && poller);
    await waitFor("some emails are on their way", () => delivered(emailer) > 0);
    for (const service of [server, emailer, poller]) service.kill();
    await waitFor(
      "all emails are archived",
      async () => (await fleet.archived()).length >= emails.length,
      60_000,
    );
    // What the emailer had sent but not acknowledged is sent again by another one: the same email, the same document.
    const archived = await fleet.archived();
    deepEqual(
      archived.map(({ emailId }) => emailId).toSorted(),
      emails.map(({ id }) => id).toSorted(),
    );
  },
);
