import { causesRedelivery, type Fault, faultKind } from "./faults.ts";

export interface FaultRecord {
  readonly fault: Fault;
  /** Milliseconds since 1970. */
  readonly fromMs: number;
  /** Milliseconds since 1970; `Infinity` while it is not over. */
  toMs: number;
}

export interface FaultFigures {
  readonly count: number;
  readonly longestMs: number;
}

/** Takes down what was done to the system. */
export class FaultLog {
  readonly #now: () => number;
  readonly #records: FaultRecord[] = [];

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  get records(): readonly FaultRecord[] {
    return this.#records;
  }

  get figures(): ReadonlyMap<string, FaultFigures> {
    const figures = new Map<string, FaultFigures>();
    for (const { fault, fromMs, toMs } of this.#records) {
      const kind = faultKind(fault);
      const { count = 0, longestMs = 0 } = figures.get(kind) ?? {};
      const lastedMs = Number.isFinite(toMs) ? toMs - fromMs : 0;
      figures.set(kind, { count: count + 1, longestMs: Math.max(longestMs, lastedMs) });
    }
    return figures;
  }

  get redeliveries(): number {
    return this.#records.filter(({ fault }) => causesRedelivery(fault)).length;
  }

  begin(fault: Fault): () => void {
    const record: FaultRecord = { fault, fromMs: this.#now(), toMs: Infinity };
    this.#records.push(record);
    return () => record.toMs = this.#now();
  }
}
