import { COLLECTION } from "@playground/poller/archive";
import type { Document } from "mongodb";
import { openOwnDatabase } from "../../fixture/mongodb.ts";
import { startStandInsProcess } from "../../../tasks/standins/testing.ts";
import type { BenchContext } from "../context.ts";
import { startInbox } from "../load/inbox.ts";
import { startService } from "../measure/bench_process.ts";

export function startPolling(
  { signal, profileDirectory }: Pick<BenchContext, "signal" | "profileDirectory">,
  mongodbUrl: string,
  resources: AsyncDisposableStack,
) {
  const inbox = startInbox(resources, signal);
  return {
    inbox,
    async startPoller(token: string) {
      const { url, database } = openOwnDatabase(mongodbUrl, resources);
      const environment = inbox.pollerEnvironment(url, token);
      const poller = await startService("mail-poller", environment, resources, profileDirectory);
      return {
        poller,
        collection: database.collection<Document & { readonly _id: string }>(COLLECTION),
        /** Lets it archive this many mails; returns how long it took, in seconds. */
        archive: async (count: number, sizeBytes: number) => {
          inbox.fill(token, count, sizeBytes);
          return await inbox.drained();
        },
      };
    },
  };
}

/** The same on a database of stand-ins of its own. */
export async function startEmbeddedPolling(context: BenchContext, resources: AsyncDisposableStack) {
  const { variables } = resources.use(await startStandInsProcess(["mongodb"]));
  return startPolling(context, variables.MONGODB_URL ?? "", resources);
}
