import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { openArchiveCounter } from "@playground/tasks/clients/archive";
import { openQueueCounter } from "@playground/tasks/clients/broker";
import type { PlaygroundUrls } from "@playground/tasks/running-system";
import type { Check } from "./lesson.ts";

export interface CheckResult {
  readonly holds: boolean;
  readonly text: string;
}

export interface CheckSubject {
  readonly urls: PlaygroundUrls;
  readonly sender: string;
  readonly sinceMs: number;
}

const TIMEOUT_MS = 5_000;

export async function runCheck(check: Check, subject: CheckSubject): Promise<CheckResult> {
  switch (check.kind) {
    case "archived":
      return await checkArchive(subject);
    case "dead-lettered":
      return await checkDeadLetters(check.count, subject);
    case "emailer-not-ready":
      return await checkEmailer(check.reason, subject);
    case "dependencies":
      return await checkGraph(check, subject);
  }
}

async function checkArchive({ urls, sender }: CheckSubject): Promise<CheckResult> {
  await using archive = await openArchiveCounter(urls.mongodb, sender);
  const count = await archive.exact();
  return { holds: count > 0, text: `${count} of its emails are in MongoDB` };
}

async function checkDeadLetters(
  expected: number,
  { urls, sender }: CheckSubject,
): Promise<CheckResult> {
  const brokers = urls.amqp.split(",").map((url) => new URL(url));
  await using queues = await openQueueCounter(brokers, [], sender);
  const count = (await queues.deadLettered()).size;
  return { holds: count === expected, text: `${count} of its emails are dead letters` };
}

async function checkEmailer(reason: RegExp, { urls }: CheckSubject): Promise<CheckResult> {
  const response = await get("/readyz", urls.emailer);
  const text = await response.text();
  return {
    holds: response.status === 503 && reason.test(text),
    text: `The emailer's /readyz answers ${response.status}: ${text.trim()}`,
  };
}

async function checkGraph(
  { edges: expected, isAll = false }: Extract<Check, { readonly kind: "dependencies" }>,
  { urls, sinceMs }: CheckSubject,
): Promise<CheckResult> {
  const links = await getList<{ readonly parent: string; readonly child: string }>(
    `/api/v2/dependencies?${recently(sinceMs)}`,
    urls.zipkin,
  );
  const edges = links.map(({ parent, child }) => `${parent} → ${child}`);
  return {
    holds: expected.every((edge) => edges.includes(edge)) &&
      (!isAll || edges.length === expected.length),
    text: `Zipkin's dependency graph: ${edges.length === 0 ? "empty" : edges.join(", ")}`,
  };
}

/** Reads the first poll that failed; each poll is a trace of its own. */
export async function readFailedPoll(
  zipkin: string,
  sinceMs: number,
): Promise<readonly ZipkinSpan[]> {
  const query = recently(sinceMs);
  query.set("serviceName", "mail-poller");
  query.set("spanName", "poll-email");
  query.set("annotationQuery", "error");
  try {
    const polls = await getList<readonly ZipkinSpan[]>(`/api/v2/traces?${query}`, zipkin);
    const startOf = (spans: readonly ZipkinSpan[]) =>
      Math.min(...spans.map(({ timestamp }) => timestamp ?? Infinity));
    return polls.toSorted((a, b) => startOf(a) - startOf(b))[0] ?? [];
  } catch {
    // The lesson asks again, and reports at its end what is still missing.
    return [];
  }
}

function recently(sinceMs: number): URLSearchParams {
  const endTs = Date.now();
  return new URLSearchParams({ endTs: String(endTs), lookback: String(endTs - sinceMs) });
}

async function getList<Item>(path: string, url: string): Promise<readonly Item[]> {
  const response = await get(path, url);
  if (response.ok) return await response.json();
  await response.body?.cancel();
  return [];
}

function get(path: string, url: string): Promise<Response> {
  return fetch(new URL(path, url), { signal: AbortSignal.timeout(TIMEOUT_MS) });
}
