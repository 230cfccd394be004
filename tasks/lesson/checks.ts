import { ArchiveCounter } from "@playground/tasks/clients/archive";
import type { Check } from "./lesson.ts";
import type { LessonUrls } from "./lesson_system.ts";

/** What was found out about a check. */
export interface CheckResult {
  /** Whether it is as the lesson says. */
  readonly holds: boolean;
  /** What was found, in words. */
  readonly text: string;
}

/** What a check is about. */
export interface CheckSubject {
  /** Where the parts are. */
  readonly urls: LessonUrls;
  /** The sender of the lesson's emails. */
  readonly sender: string;
  /** When the lesson began, in milliseconds since 1970. */
  readonly sinceMs: number;
}

/** Nothing of the system is far away. */
const TIMEOUT_MS = 5_000;

/** Finds out whether something holds beside the trace. */
export async function runCheck(check: Check, subject: CheckSubject): Promise<CheckResult> {
  switch (check.kind) {
    case "archived":
      return await checkArchive(subject);
    case "emailer-not-ready":
      return await checkEmailer(check.reason, subject);
    case "dependencies":
      return await checkGraph(check, subject);
  }
}

async function checkArchive({ urls, sender }: CheckSubject): Promise<CheckResult> {
  await using archive = await ArchiveCounter.open(urls.mongodb, sender);
  const count = await archive.exact();
  return {
    holds: count > 0,
    text: `MongoDB has ${
      count === 0 ? "no mail" : count === 1 ? "1 mail" : `${count} mails`
    } of it`,
  };
}

async function checkEmailer(reason: RegExp, { urls }: CheckSubject): Promise<CheckResult> {
  const response = await get(new URL("/readyz", urls.emailer));
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
  const endTs = Date.now();
  const path = `/api/v2/dependencies?endTs=${endTs}&lookback=${endTs - sinceMs}`;
  const response = await get(new URL(path, urls.zipkin));
  const links: readonly { readonly parent: string; readonly child: string }[] = response.ok
    ? await response.json()
    : [];
  if (!response.ok) await response.body?.cancel();
  const edges = links.map(({ parent, child }) => `${parent} → ${child}`);
  return {
    holds: expected.every((edge) => edges.includes(edge)) &&
      (!isAll || edges.length === expected.length),
    text: `Zipkin's dependency graph: ${edges.length === 0 ? "empty" : edges.join(", ")}`,
  };
}

function get(url: URL): Promise<Response> {
  return fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
}
