import { waitAtMost } from "@playground/shared/time";
import {
  AHEAD_MS,
  type CollectorUnavailable,
  INTERVAL_MS,
  orUnavailable,
  pathOf,
  pauseAfter,
  searchPath,
  type ZipkinApi,
} from "../trace_view/mod.ts";
import type { Progress } from "./answers.ts";
import { knownFromUs, remainderOf, type TimeWindow } from "./collector_walk.ts";
import { callFactsOf, isSettled, type TraceFacts, traceFactsOf } from "./trace_facts.ts";

export interface CollectorIndexOptions {
  readonly api: ZipkinApi;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** @default 20,000 */
  readonly maxEmails?: number;
  /** The most calls and traces together. @default 300,000 */
  readonly maxCalls?: number;
  /** How many milliseconds an answer waits for new traces. @default 150 */
  readonly patienceMs?: number;
}

const MAX_EMAILS = 20_000;
const MAX_CALLS = 300_000;
/** The most traces of an answer. */
const MAX_SLICE = 250;
/** The fewest traces of an answer, when the collector is slow or its traces are long. */
const MIN_SLICE = 8;
/** How many of the latest traces are read to find new ones. */
const NEWEST = 50;
/** Long, since nobody waits for this answer. */
const TIMEOUT_MS = 15_000;
const PATIENCE_MS = 150;
/** A span arrives later than it starts, so each read begins this long before the end of the last one. */
const OVERLAP_MS = 5_000;
/** How many unfinished traces are read again at a time: their ids are in the address of a request. */
const UNSETTLED = 64;
/** An unfinished trace is read again after this part of the time since its last span. */
const REREAD_PART = 1 / 4;
/** How often some of the other traces are compared with the collector, and how many. */
const CHECK_INTERVAL_MS = 5_000;
const CHECKED = 200;

interface Known {
  readonly facts: TraceFacts;
  readonly readAtMs: number;
}

/** A part of the work: all traces of a window, or those that started since a time. */
interface Job {
  readonly window: TimeWindow;
  readonly sinceUs: number;
  readonly limit: number;
}

/**
 * A bounded copy of facts about the newest traces, read from the collector while somebody asks. It may be dropped at any time:
 * everything is read again.
 *
 * Zipkin searches only by the times in the spans, so three kinds of traces are asked for: those with the latest spans; those whose
 * emails are on their way, since a span arrives when it ends, but has the time of its start; and, slowly, all others, since the
 * collector drops traces, restarts, and gets spans from services with wrong clocks.
 */
export class CollectorIndex {
  readonly #options: CollectorIndexOptions;
  readonly #traces = new Map<string, Known>();
  /** The jobs that are left, taken from the end; after a failure, reading continues from here. */
  readonly #jobs: Job[] = [];
  #beganMs = 0;
  #asOfMs: number | undefined;
  #failure: CollectorUnavailable | undefined;
  #reading: Promise<void> | undefined;
  #nextReadMs = -Infinity;
  #slice = MAX_SLICE;
  #nextCheckMs = -Infinity;
  #checkedToUs = Infinity;
  #isMissing = false;
  #version = 0;

  constructor(options: CollectorIndexOptions) {
    this.#options = options;
  }

  get version(): number {
    return this.#version;
  }

  /** The known traces, the latest first. */
  get traces(): readonly TraceFacts[] {
    return Array.from(this.#traces.values(), ({ facts }) => facts)
      .sort((a, b) => b.startUs - a.startUs);
  }

  get progress(): Omit<Progress, "oldestMs"> {
    return {
      readCount: this.#traces.size,
      isComplete: this.#asOfMs !== undefined,
      asOfMs: this.#asOfMs,
      failure: this.#failure?.reason,
    };
  }

  /** Reads what is new, unless that was done just now; waits for it only a moment. Unavailable while nothing is known. */
  async refresh(): Promise<CollectorUnavailable | undefined> {
    if (this.#reading === undefined && this.#options.now() >= this.#nextReadMs) {
      this.#reading = this.#read().finally(() => this.#reading = undefined);
    }
    if (this.#reading !== undefined) {
      await waitAtMost(this.#options.patienceMs ?? PATIENCE_MS, this.#reading);
    }
    return this.#asOfMs === undefined && this.#traces.size === 0 ? this.#failure : undefined;
  }

  async #read(): Promise<void> {
    const { now } = this.#options;
    const startMs = now();
    this.#failure = await orUnavailable(async () => {
      if (this.#jobs.length === 0) this.#plan(startMs);
      for (let job = this.#jobs.at(-1); job !== undefined; job = this.#jobs.at(-1)) {
        const rest = await this.#do(job);
        this.#jobs.pop();
        this.#jobs.push(...rest);
        this.#slice = Math.min(this.#slice * 2, MAX_SLICE);
      }
      this.#asOfMs = this.#beganMs;
      await this.#readUnsettled();
      return undefined;
    });
    if (this.#failure !== undefined) this.#slice = Math.max(this.#slice >> 1, MIN_SLICE);
    this.#nextReadMs = now() + pauseAfter(now() - startMs);
  }

  #plan(nowMs: number): void {
    const all = { fromMs: 0, toMs: nowMs + AHEAD_MS };
    this.#beganMs = nowMs;
    if (this.#asOfMs === undefined) {
      this.#nextCheckMs = nowMs + CHECK_INTERVAL_MS;
      this.#jobs.push({ window: all, sinceUs: 0, limit: MAX_SLICE });
      return;
    }
    if (nowMs >= this.#nextCheckMs && this.#traces.size >= NEWEST) {
      this.#nextCheckMs = nowMs + CHECK_INTERVAL_MS;
      this.#jobs.push(this.#check(all));
    }
    this.#jobs.push({ window: all, sinceUs: (this.#asOfMs - OVERLAP_MS) * 1_000, limit: NEWEST });
  }

  /** The next older part of what is known; where something was missing, all that is older may be. */
  #check({ toMs }: TimeWindow): Job {
    const rest = this.traces.filter(({ startUs }) => startUs < this.#checkedToUs);
    const end = Math.min(toMs, Math.ceil(this.#checkedToUs / 1_000));
    const last = rest[CHECKED];
    const fromMs = last === undefined || this.#isMissing ? 0 : Math.floor(last.startUs / 1_000);
    this.#checkedToUs = fromMs === 0 ? Infinity : fromMs * 1_000;
    const sinceUs = this.#isMissing ? Infinity : 0;
    this.#isMissing = false;
    return { window: { fromMs, toMs: Math.max(end, fromMs + 1) }, sinceUs, limit: MAX_SLICE };
  }

  async #do({ window, sinceUs, limit: most }: Job): Promise<readonly Job[]> {
    const { fromMs, toMs } = window;
    const limit = Math.min(most, this.#slice);
    const path = searchPath({ endTs: toMs, lookback: toMs - fromMs, limit });
    const found = await this.#readInto(path);
    const knownUs = knownFromUs(window, limit, [...found.values()]);
    for (const [traceId, { facts: { startUs } }] of this.#traces) {
      if (startUs > knownUs && startUs < toMs * 1_000 && !found.has(traceId)) this.#drop(traceId);
    }
    const oldestMs = this.#trim();
    return remainderOf(window, limit, [...found.values()], sinceUs)
      .filter((rest) => rest.toMs > oldestMs)
      .map((rest) => ({ window: rest, sinceUs, limit: MAX_SLICE }));
  }

  /** Reads the traces of emails that are on their way, if they are due. */
  async #readUnsettled(): Promise<void> {
    const nowMs = this.#options.now();
    const due = [...this.#traces.values()].filter(({ facts }) => !isSettled(facts))
      .map(({ facts: { traceId, latestUs }, readAtMs }) => {
        const waitMs = (readAtMs - latestUs / 1_000) * REREAD_PART;
        return { traceId, dueMs: readAtMs + Math.max(waitMs, INTERVAL_MS) };
      })
      .filter(({ dueMs }) => dueMs <= nowMs)
      .sort((a, b) => a.dueMs - b.dueMs).slice(0, UNSETTLED).map(({ traceId }) => traceId);
    if (due.length === 0) return;
    const found = await this.#readInto(pathOf(due));
    for (const traceId of due) if (!found.has(traceId)) this.#drop(traceId);
  }

  async #readInto(path: string): Promise<ReadonlyMap<string, TraceFacts>> {
    const found = new Map<string, TraceFacts>();
    const { api, now } = this.#options;
    await api.readTraces(path, callFactsOf, (spans, traceId, omittedCount) => {
      const known = this.#traces.get(traceId)?.facts;
      const facts = traceFactsOf(spans, traceId, omittedCount, known);
      found.set(traceId, facts);
      if (facts !== known) this.#version++;
      this.#traces.set(traceId, { facts, readAtMs: now() });
    }, TIMEOUT_MS);
    return found;
  }

  #drop(traceId: string): void {
    this.#traces.delete(traceId);
    this.#isMissing = true;
    this.#version++;
  }

  /** Drops the oldest traces beyond the bounds; returns the time before which nothing needs to be read. */
  #trim(): number {
    const { maxEmails = MAX_EMAILS, maxCalls = MAX_CALLS } = this.#options;
    let [emailCount, callCount] = [0, 0];
    let oldestUs = 0;
    for (const { traceId, startUs, emails, callCount: own } of this.traces) {
      emailCount += emails.length;
      callCount += own + 1;
      if (emailCount <= maxEmails && callCount <= maxCalls) oldestUs = startUs;
      else if (this.#traces.delete(traceId)) this.#version++;
    }
    return emailCount <= maxEmails && callCount <= maxCalls ? 0 : oldestUs / 1_000;
  }
}
