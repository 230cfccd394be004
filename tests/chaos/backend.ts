import { COLLECTION } from "@playground/poller/archive";
import { DeadLetterQueue } from "@playground/server/dead-letters";
import {
  DEAD_LETTER_QUEUE,
  emailQueues,
  messageHeaders,
  queueLengths,
} from "@playground/shared/amqp";
import { durations } from "@playground/shared/configuration";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import {
  type BrokerSession,
  type DeadLetter,
  openBrokerSession,
  readDeadLetter,
} from "@playground/tasks/clients/broker";
import type { StandInVariables } from "@playground/tasks/standins";
import { type Collection, MongoClient } from "mongodb";

export interface ArchivedEmail {
  readonly _id: string;
  /** The email's id; `null` where the mail was none of ours. */
  readonly emailId: string | null;
  readonly deliveries: readonly unknown[];
}

export interface DeadEmail
  extends Pick<DeadLetter, "id" | "reason" | "lastReply" | "attempts" | "traceId" | "deadAt"> {
  /** The `emailer` span that gave it up: 16 hexadecimal digits. */
  readonly spanId: string | undefined;
}

export type Traces = ReadonlyMap<string, readonly ZipkinSpan[]>;

/** The waits before an email is tried again. Seven attempts take five seconds: longer than any one fault. */
export const RETRY_DELAYS = "300ms,700ms,1s";
const DELAYS = durations(RETRY_DELAYS).parse(undefined);

const TIMEOUT_MS = 5_000;

/** The backing services, without proxies, for inspection. Disposing it closes its connections. */
export class Backend implements AsyncDisposable {
  readonly amqpUrls: readonly string[];
  readonly mongodbUrl: string;
  readonly zipkinUrl: string;
  readonly #inbox: Request;
  readonly #mongo: MongoClient;

  constructor(variables: StandInVariables) {
    const { AMQP_URL = "", MONGODB_URL = "", ZIPKIN_URL = "", MAILTRAP_URL } = variables;
    const { MAILTRAP_BOXID, MAILTRAP_TOKEN = "" } = variables;
    const mongodb = new URL(MONGODB_URL);
    mongodb.pathname = "/chaos";
    // Otherwise the driver would leave the given address, which for the services is a proxy's.
    mongodb.searchParams.set("directConnection", "true");
    this.amqpUrls = AMQP_URL.split(",");
    this.mongodbUrl = mongodb.href;
    this.zipkinUrl = ZIPKIN_URL;
    this.#mongo = new MongoClient(mongodb.href, { serverSelectionTimeoutMS: TIMEOUT_MS });
    this.#inbox = new Request(new URL(`/api/sandboxes/${MAILTRAP_BOXID}/messages`, MAILTRAP_URL), {
      headers: { "Api-Token": MAILTRAP_TOKEN },
    });
  }

  /**
   * Counts the emails that wait to be sent, for the first time or again, and the dead letters. Messages held by an emailer are
   * not included.
   */
  async queueLengths(): Promise<{ readonly waiting: number; readonly dead: number }> {
    await using session = await this.#openSession();
    const lengths = await queueLengths(session.connection, emailQueues(DELAYS));
    const dead = lengths.get(DEAD_LETTER_QUEUE) ?? 0;
    return { waiting: lengths.values().reduce((sum, length) => sum + length, -dead), dead };
  }

  async deadLetters(): Promise<readonly DeadEmail[]> {
    await using session = await this.#openSession();
    await using queue = await DeadLetterQueue.open(session.connection);
    return await Array.fromAsync(queue.messages(), async (message) => ({
      ...await readDeadLetter(message),
      spanId: messageHeaders(message)("x-b3-spanid"),
    }));
  }

  async archivedCount(): Promise<number> {
    return await this.#archive.countDocuments();
  }

  async archived(): Promise<readonly ArchivedEmail[]> {
    return await this.#archive.find({}, { projection: { emailId: 1, deliveries: 1 } }).toArray();
  }

  /** Counts the mails in the inbox, up to a page of them. */
  async inboxCount(): Promise<number> {
    const response = await fetch(this.#inbox, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const mails: readonly unknown[] = await response.json();
    return mails.length;
  }

  async readTraces(traceIds: Iterable<string>): Promise<Traces> {
    const traces = new Map<string, readonly ZipkinSpan[]>();
    for (const id of new Set(traceIds)) {
      const url = new URL(`/api/v2/trace/${id}`, this.zipkinUrl);
      const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
      if (response.ok) traces.set(id, await response.json());
      else await response.body?.cancel();
    }
    return traces;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#mongo.close();
  }

  get #archive(): Collection<ArchivedEmail> {
    return this.#mongo.db().collection<ArchivedEmail>(COLLECTION);
  }

  #openSession(): Promise<BrokerSession> {
    return openBrokerSession(this.amqpUrls.map((url) => new URL(url)), "chaos");
  }
}
