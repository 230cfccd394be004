/**
 * Posts emails: so many as fast as they are answered, or at a steady rate.
 *
 * @module
 */
import { emailSample } from "../email_sample.ts";
import { quantile } from "../measure/statistics.ts";
import { HttpConnection, postEmailRequest } from "./http_connection.ts";
import { serveCommands } from "./serve_commands.ts";

/** What to post. */
export type LoadCommand = {
  /** The message server's base address. */
  readonly url: string;
  /** How many connections are kept open, each for one request at a time. */
  readonly connections: number;
  /** How many emails. */
  readonly count: number;
  /** How many a second; absent: the next one as soon as one was answered. */
  readonly ratePerSecond?: number;
  /** Whether each email's subject tells its number. */
  readonly numbered?: boolean;
  /** Further header lines, each with its line end. */
  readonly headers?: string;
};

/** What came of it. */
export interface LoadResult {
  /** How long it took until all were answered. */
  readonly seconds: number;
  /** How long an answer took, waiting for a free connection included: the median, in milliseconds. */
  readonly p50Ms: number;
  /** 99 of 100 answers took less. In milliseconds. */
  readonly p99Ms: number;
  /** When each email was posted, in milliseconds since 1970 with a fraction; only if they are numbered. */
  readonly postedAtMs: readonly number[];
}

await serveCommands(async (command: LoadCommand): Promise<LoadResult> => {
  const url = new URL(command.url);
  await using connections = new AsyncDisposableStack();
  const free: HttpConnection[] = [];
  for (let index = 0; index < command.connections; index++) {
    free.push(connections.use(await HttpConnection.open(url)));
  }
  const same = postEmailRequest(url, JSON.stringify(emailSample()), command.headers);
  const requestOf = (number: number) =>
    command.numbered
      ? postEmailRequest(url, JSON.stringify(emailSample(`${number}`)), command.headers)
      : same;
  const latenciesMs: number[] = [];
  const postedAtMs: number[] = [];
  const startedAt = performance.now();
  let next = 0;
  if (command.ratePerSecond === undefined) {
    await Promise.all(free.map(async (connection) => {
      while (next < command.count) {
        const number = next++;
        await post(connection, number, performance.now());
      }
    }));
  } else {
    await atRate(command.ratePerSecond);
  }

  return {
    seconds: (performance.now() - startedAt) / 1000,
    p50Ms: quantile(latenciesMs, 0.5),
    p99Ms: quantile(latenciesMs, 0.99),
    postedAtMs: command.numbered ? postedAtMs : [],
  };

  async function post(connection: HttpConnection, number: number, dueAt: number): Promise<void> {
    postedAtMs[number] = performance.timeOrigin + dueAt;
    const status = await connection.send(requestOf(number));
    if (status !== 202) throw new Error(`Cannot go on: an email was answered ${status}`);
    latenciesMs.push(performance.now() - dueAt);
  }

  /** What is due is posted whether or not the earlier ones were answered: a slow server must not slow down its own measuring. */
  async function atRate(ratePerSecond: number): Promise<void> {
    const waiting: { readonly number: number; readonly dueAt: number }[] = [];
    const done = Promise.withResolvers<void>();
    let answered = 0;
    const serve = async (connection: HttpConnection) => {
      for (let due = waiting.shift(); due !== undefined; due = waiting.shift()) {
        await post(connection, due.number, due.dueAt);
        if (++answered === command.count) done.resolve();
      }
      free.push(connection);
    };
    const timer = setInterval(() => {
      const now = performance.now();
      const dueCount = Math.min(command.count, (now - startedAt) / 1000 * ratePerSecond);
      while (next < dueCount) waiting.push({ number: next++, dueAt: now });
      while (waiting.length > 0) {
        const connection = free.pop();
        if (connection === undefined) break;
        serve(connection).catch(done.reject);
      }
    }, 1);
    try {
      await done.promise;
    } finally {
      clearInterval(timer);
    }
  }
});
