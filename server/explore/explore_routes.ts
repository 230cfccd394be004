import type { Context, Handler } from "@hono/hono";
import { MAX_EMAIL_COUNT } from "../emails_route.ts";
import { answerProblem } from "../problem.ts";
import type { ServerEnvironment } from "../request_tracing.ts";
import { collectorUnavailable, noCollector } from "../trace_route.ts";
import { chartsOf } from "./charts.ts";
import { byNewest, type Explorer, type ExploreView, keyOf } from "./explorer.ts";
import { type EmailFilter, filterQuery, STATE_NAMES } from "./filter.ts";
import { serviceMapOf } from "./service_map.ts";
import type { EmailFacts } from "./trace_facts.ts";

/** The number of emails in a page. */
export const DEFAULT_PAGE_SIZE = 50;

/** The place of an email in the order of the list. */
export const CURSOR = /^(\d{1,16})\/([0-9a-f]{1,32})\/([0-9a-f-]{0,36})$/;

interface Question {
  readonly explorer: Explorer;
  readonly view: ExploreView;
  readonly filter: EmailFilter;
  readonly query: Readonly<Record<string, string>>;
}

/** An answer, or what is wrong with the question. */
type Answer = object | string;

/** The routes of `/api/explore/`. */
export function exploreRoutes(
  explorer: Explorer | undefined,
): Readonly<Record<string, Handler<ServerEnvironment>>> {
  const answers: Readonly<Record<string, (question: Question) => Answer>> = {
    emails: emailsOf,
    points: pointsOf,
    map: ({ view, filter }) => serviceMapOf(view, filter),
    charts: ({ explorer, view, filter: { from, to } }) =>
      chartsOf(view, from, to ?? explorer.now()),
  };
  return Object.fromEntries(
    Object.entries(answers).map(([name, answer]) => [
      `GET /api/explore/${name}`,
      (c) => explore(c, explorer, answer),
    ]),
  );
}

async function explore(
  c: Context<ServerEnvironment>,
  explorer: Explorer | undefined,
  answer: (question: Question) => Answer,
): Promise<Response> {
  const filter = filterQuery.safeParse(c.req.queries());
  if (!filter.success) return invalid(c, filter.error.issues[0]?.message ?? "");
  if (explorer === undefined) return noCollector(c, "explore the emails");
  const view = await explorer.look(filter.data);
  if (view.status !== "found") return collectorUnavailable(c, "explore the emails", view.reason);
  const result = answer({ explorer, view, filter: filter.data, query: c.req.query() });
  return typeof result === "string"
    ? invalid(c, result)
    : c.json({ ...result, progress: view.progress });
}

function invalid(c: Context<ServerEnvironment>, what: string): Response {
  return answerProblem(c, {
    status: 400,
    title: "Invalid filter",
    detail: `Cannot explore the emails: ${what}`,
  });
}

function emailsOf({ explorer, view, query }: Question): Answer {
  const { limit = String(DEFAULT_PAGE_SIZE), cursor } = query;
  const size = /^\d+$/.test(limit) ? Number(limit) : NaN;
  if (!(size >= 1 && size <= MAX_EMAIL_COUNT)) {
    return `the limit is not valid; give a number from 1 to ${MAX_EMAIL_COUNT}`;
  }
  const { emails, ofAnyState } = view;
  const start = cursor === undefined ? 0 : afterCursor(emails, cursor);
  if (start === undefined) return "the cursor is not valid; leave it out to begin again";
  const page = emails.slice(start, start + size);
  const last = page.at(-1);
  const states = Map.groupBy(ofAnyState, ({ summary }) => summary.state.name);
  return {
    emails: page.map((email) => explorer.summaryOf(email)),
    matchCount: emails.length,
    stateCounts: Object.fromEntries(
      STATE_NAMES.map((name) => [name, states.get(name)?.length ?? 0]),
    ),
    ...(last === undefined || start + size >= emails.length ? {} : { nextCursor: cursorOf(last) }),
  };
}

/** The place after an email in the order of the list, so that new ones move nothing. */
function cursorOf(email: EmailFacts): string {
  return [email.startUs, keyOf(email)].join("/");
}

function afterCursor(emails: readonly EmailFacts[], cursor: string): number | undefined {
  const [, startUs, traceId = "", id = ""] = CURSOR.exec(cursor) ?? [];
  if (startUs === undefined) return undefined;
  const place = { startUs: Number(startUs), summary: { traceId, spanId: id } };
  const index = emails.findIndex((email) => byNewest(email, place) > 0);
  return index === -1 ? emails.length : index;
}

function pointsOf({ view: { emails } }: Question): Answer {
  const column = <Value>(valueOf: (email: EmailFacts) => Value) => emails.map(valueOf);
  return {
    points: {
      startMs: column(({ startUs }) => startUs / 1_000),
      durationMs: column(({ summary }) => summary.durationMs),
      state: column(({ summary }) => summary.state.name),
      attemptCount: column(({ attemptKeys }) => attemptKeys.length),
      traceId: column(({ summary }) => summary.traceId),
      emailId: column(({ summary }) => summary.emailId ?? null),
    },
  };
}
