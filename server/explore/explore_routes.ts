import type { Handler } from "@hono/hono";
import type { z } from "zod";
import { collectorUnavailable, noCollector } from "../problem.ts";
import { readQuery } from "../query.ts";
import type { ServerEnvironment } from "../request_tracing.ts";
import { chartsOf } from "./charts.ts";
import { byNewest, type Explorer, type ExploreView, keyOf } from "./explorer.ts";
import {
  CURSOR,
  type EmailFilter,
  filterQuery,
  type PageFilter,
  pageQuery,
  STATE_NAMES,
} from "./filter.ts";
import { serviceMapOf } from "./service_map.ts";
import type { EmailFacts } from "./trace_facts.ts";

const ACTION = "explore the emails";

interface Question<Filter> {
  readonly explorer: Explorer;
  readonly view: ExploreView;
  readonly filter: Filter;
}

/** The routes of `/api/explore/`. */
export function exploreRoutes(
  explorer: Explorer | undefined,
): Readonly<Record<string, Handler<ServerEnvironment>>> {
  const answering = <Filter extends EmailFilter>(
    query: z.ZodType<Filter>,
    answer: (question: Question<Filter>) => object,
  ): Handler<ServerEnvironment> =>
  async (c) => {
    const filter = readQuery(c, query, ACTION, () => "Invalid filter");
    if (filter instanceof Response) return filter;
    if (explorer === undefined) return noCollector(c, ACTION);
    const view = await explorer.look(filter);
    if (view.status !== "found") return collectorUnavailable(c, ACTION, view.reason);
    return c.json({ ...answer({ explorer, view, filter }), progress: view.progress });
  };
  return {
    "GET /api/explore/emails": answering(pageQuery, emailsOf),
    "GET /api/explore/points": answering(filterQuery, pointsOf),
    "GET /api/explore/map": answering(
      filterQuery,
      ({ view, filter }) => serviceMapOf(view, filter),
    ),
    "GET /api/explore/charts": answering(
      filterQuery,
      ({ explorer, view, filter: { from, to } }) => chartsOf(view, from, to ?? explorer.now()),
    ),
  };
}

function emailsOf({ explorer, view, filter: { limit, cursor } }: Question<PageFilter>): object {
  const { emails, ofAnyState } = view;
  const start = cursor === undefined ? 0 : afterCursor(emails, cursor);
  const page = emails.slice(start, start + limit);
  const last = page.at(-1);
  const states = Map.groupBy(ofAnyState, ({ summary }) => summary.state.name);
  return {
    emails: page.map((email) => explorer.summaryOf(email)),
    matchCount: emails.length,
    stateCounts: Object.fromEntries(
      STATE_NAMES.map((name) => [name, states.get(name)?.length ?? 0]),
    ),
    ...(last === undefined || start + limit >= emails.length ? {} : { nextCursor: cursorOf(last) }),
  };
}

/** The place after an email in the order of the list, so that new ones move nothing. */
function cursorOf(email: EmailFacts): string {
  return [email.startUs, keyOf(email)].join("/");
}

function afterCursor(emails: readonly EmailFacts[], cursor: string): number {
  const [, startUs, traceId = "", id = ""] = CURSOR.exec(cursor) ?? [];
  const place = { startUs: Number(startUs), summary: { traceId, spanId: id } };
  const index = emails.findIndex((email) => byNewest(email, place) > 0);
  return index === -1 ? emails.length : index;
}

function pointsOf({ view: { emails } }: Question<EmailFilter>): object {
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
