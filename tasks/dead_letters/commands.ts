import { confirm } from "@clack/prompts";
import { tracedPublisher } from "@playground/shared/amqp";
import type { Tracing } from "@playground/shared/tracing";
import { VERSION } from "@playground/shared/version";
import {
  type BrokerSession,
  createRequeue,
  type DeadLetter,
  type DeadLetterQueue,
  readDeadLetter,
  requeueAll,
  type RequeueOptions,
} from "@playground/tasks/clients/broker";
import { LiveArea } from "@playground/tasks/terminal";
import type { GetMessage } from "amqplib";
import { describeContent, describeDeadLetter, TABLE_HEAD, tableRow, toJson } from "./report.ts";

/** What the command calls itself in a trace, and at the broker. */
export const SERVICE_NAME = "dead-letters";
export const EXIT_FAILED = 1;

export interface CommandContext {
  readonly session: Pick<BrokerSession, "publisher" | "node">;
  readonly queue: DeadLetterQueue;
  /** Ctrl-C. */
  readonly signal: AbortSignal;
  /** The command that lists the dead letters of the same broker. */
  readonly listCommand: string;
  /** Where the page shows an email, if it is known which message server has that broker. */
  readonly pageUrl: (letter: DeadLetter) => string | undefined;
  /** For the one command that continues traces. */
  readonly startTracing: () => Promise<Tracing>;
}

export async function list(json: boolean, { queue, signal }: CommandContext): Promise<number> {
  const columns = Deno.stdout.isTerminal() ? Deno.consoleSize().columns : undefined;
  let count = 0;
  for await (const message of queue.messages(signal)) {
    const letter = await readDeadLetter(message);
    if (json) console.log(`${count === 0 ? "[" : ","}${JSON.stringify(toJson(letter))}`);
    else if (count === 0) console.log(`${TABLE_HEAD}\n${tableRow(letter, columns)}`);
    else console.log(tableRow(letter, columns));
    count++;
  }
  if (json) console.log(count === 0 ? "[]" : "]");
  else if (count === 0) console.log("There are no dead letters");
  return 0;
}

export async function show(
  id: string,
  { json, body }: { readonly json?: boolean; readonly body?: boolean },
  context: CommandContext,
): Promise<number> {
  const message = await find(id, context);
  if (message === undefined) return EXIT_FAILED;
  const letter = await readDeadLetter(message);
  if (json) console.log(JSON.stringify(toJson(letter, body ? message.content : undefined)));
  else {
    console.log(describeDeadLetter(letter, context.pageUrl(letter)));
    if (body) console.log(`\n${describeContent(message.content)}`);
  }
  return 0;
}

/** Requeues the dead letter of an email; without an id, all. */
export async function requeue(id: string | undefined, context: CommandContext): Promise<number> {
  const { session, queue, signal } = context;
  const options: RequeueOptions = {
    queue,
    publisher: tracedPublisher(session.publisher, {
      tracing: await context.startTracing(),
      spanName: "amqp-publish",
      node: () => session.node,
    }),
    appId: `${SERVICE_NAME}/${VERSION}`,
  };
  if (id === undefined) {
    const { count, failure } = await requeueAll(options, progress("Requeued"), signal);
    console.log(`Requeued ${count} dead letter${count === 1 ? "" : "s"}`);
    return failure === undefined ? 0 : notRequeued(failure.id, failure.reason);
  }
  const message = await find(id, context);
  if (message === undefined) return EXIT_FAILED;
  const outcome = await createRequeue(options)(message);
  if (outcome.status === "failed") return notRequeued(outcome.id, outcome.reason);
  console.log(`Requeued ${outcome.id}`);
  return 0;
}

function notRequeued(id: string, reason: string): number {
  console.error(`Cannot requeue ${id}: ${reason}; it is still a dead letter, try again later`);
  return EXIT_FAILED;
}

/** Removes the dead letter of an email; without an id, all. */
export async function drop(
  id: string | undefined,
  yes: boolean,
  context: CommandContext,
): Promise<number> {
  const { queue, signal } = context;
  if (id === undefined) {
    const count = await queue.count();
    if (count > 0 && !yes && !await confirmed(`all ${count} dead letters`)) return EXIT_FAILED;
    const dropped = await queue.removeAll(progress("Dropped"), signal);
    console.log(`Dropped ${dropped} dead letter${dropped === 1 ? "" : "s"}`);
    return 0;
  }
  const message = await find(id, context);
  if (message === undefined) return EXIT_FAILED;
  const letter = await readDeadLetter(message);
  if (!yes && !await confirmed(`the email ${letter.id} (${letter.reason})`)) return EXIT_FAILED;
  queue.remove(message);
  console.log(`Dropped ${letter.id}`);
  return 0;
}

async function confirmed(what: string): Promise<boolean> {
  const answer = await confirm({ message: `Forget ${what} for good?`, initialValue: false });
  if (answer === true) return true;
  console.log("Nothing was dropped");
  return false;
}

async function find(
  id: string,
  { queue, signal, listCommand }: CommandContext,
): Promise<GetMessage | undefined> {
  const message = await queue.find(id, progress("Looked at"), signal);
  if (message === undefined && !signal.aborted) {
    console.error(`Cannot find a dead letter of the email ${id}; see ${listCommand}`);
  }
  return message;
}

/** Shows on a terminal how far a long run is. */
function progress(verb: string): (count: number) => void {
  if (!Deno.stderr.isTerminal()) return () => {};
  const area = new LiveArea((text) => Deno.stderr.writeSync(new TextEncoder().encode(text)));
  return (count) => {
    if (count % 1_000 === 0) area.draw(`${verb} ${count}`);
  };
}
