/**
 * Several of each service at once: they share the work. The chaos suite kills them.
 *
 * @module
 */
import { equal, ok } from "node:assert/strict";
import type { Environment } from "@playground/shared/configuration";
import { integrationTest, waitFor } from "@playground/shared/testing";
import { ANY_PORTS, STAND_IN_NAMES, startStandIns } from "@playground/tasks/standins";
import type { ServiceName } from "@playground/tasks/system";
import { acceptEmails } from "../fixture/emails.ts";
import { BACKINGS } from "../fixture/real_components.ts";
import { ServiceProcess } from "../fixture/service_process.ts";
import { allArchivedOnce, isIn, openArchive, traceUntil } from "../fixture/test_system.ts";

const EMAIL_COUNT = 100;

const delivered = ({ lines }: ServiceProcess) =>
  lines.filter((line) => line.includes("Delivered email")).length;

for (const { name, settings, options } of BACKINGS) {
  integrationTest(
    `2 servers, 3 emailers and 2 pollers (${name}) share the work, and every email is archived once`,
    async () => {
      await using resources = new AsyncDisposableStack();
      const { variables } = resources.use(await startStandIns([...STAND_IN_NAMES], ANY_PORTS));
      const environment: Environment = { ...variables, ...settings(), POLL_INTERVAL_SECONDS: "1" };
      const start = (name: ServiceName) => resources.use(new ServiceProcess(name, { environment }));
      const servers = [start("message-server"), start("message-server")] as const;
      const emailers = [start("emailer"), start("emailer"), start("emailer")] as const;
      const pollers = [start("mail-poller"), start("mail-poller")] as const;
      const services = [...servers, ...emailers, ...pollers];
      await Promise.all(services.map((service) => service.ready()));
      const archived = openArchive(environment.MONGODB_URL ?? "", resources);
      const emails = (await Promise.all(
        servers.map((server) => acceptEmails(server, EMAIL_COUNT / 2)),
      )).flat();
      const documents = await allArchivedOnce(archived, emails);
      // Both pollers may have fetched a mail before one of them deleted it: that is still one delivery.
      for (const { deliveries } of documents) equal(deliveries.length, 1);
      const deliveredCount = () => emailers.map(delivered).reduce((sum, count) => sum + count, 0);
      await waitFor("each delivery is logged", () => deliveredCount() >= EMAIL_COUNT);
      equal(deliveredCount(), EMAIL_COUNT);
      for (const emailer of emailers) {
        ok(delivered(emailer) > 0, "an emailer was given nothing to do");
      }
      // The second server shows the emails that the first one took.
      await traceUntil(servers[1].client, emails[0]?.traceId ?? "", isIn("archived"));
    },
    options,
  );
}
