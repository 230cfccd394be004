import { COLLECTION } from "@playground/poller/archive";
import { type Collection, MongoClient } from "mongodb";
import { ServiceProcess } from "../../../fixture/service_process.ts";
import { standInBacking, type StandIns } from "../../backing.ts";
import type { BenchProcess } from "../../measure/bench_process.ts";
import type { InboxCommand, InboxDrainResult } from "../../processes/fake_inbox.ts";
import { pollerEnvironment } from "../archive.ts";

/** What a mail poller is started with. */
export interface ArchivingOptions {
  /** MongoDB. */
  readonly mongodb: StandIns;
  /** The collector. */
  readonly collector: BenchProcess;
  /** The inbox; other pollers may empty the same one. */
  readonly inbox: BenchProcess;
  /** Which of its mails are for this mail poller. */
  readonly token: string;
}

/** A mail poller with a database of its own. */
export interface Archiving {
  /** The poller. */
  readonly poller: ServiceProcess;
  /** Where it stores the mails. */
  readonly collection: Collection<{ readonly _id: string }>;
  /** Has it archive mails. */
  readonly archive: (count: number, sizeBytes: number) => Promise<number>;
}

/** Starts a mail poller with a database of its own. */
export async function startArchiving(
  { mongodb, collector, inbox, token }: ArchivingOptions,
  resources: AsyncDisposableStack,
): Promise<Archiving> {
  const name = `bench-${crypto.randomUUID()}`;
  const url = `${standInBacking(mongodb).mongodbUrl}/${name}`;
  const mongo = resources.adopt(new MongoClient(url), (client) => client.close());
  const database = mongo.db(name);
  resources.defer(async () => {
    await database.dropDatabase();
  });
  const environment = pollerEnvironment(url, collector.addresses.url, inbox, token);
  const poller = resources.use(new ServiceProcess("mail-poller", { environment }));
  await poller.ready();
  return {
    poller,
    collection: database.collection(COLLECTION),
    async archive(count, sizeBytes) {
      await inbox.call({ kind: "fill", count, sizeBytes, token } satisfies InboxCommand);
      const drained: InboxCommand = { kind: "drained" };
      return (await inbox.call<InboxDrainResult>(drained)).seconds / count * 1e6;
    },
  };
}
