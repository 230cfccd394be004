import type { Components, Row } from "./row.ts";

/** The backing services behind the services under test. */
export interface Backing {
  /** Whether they are the real ones. */
  readonly components: Components;
  /** RabbitMQ. */
  readonly amqpUrl: string;
  /** MongoDB, without a database. */
  readonly mongodbUrl: string;
  /** Zipkin. */
  readonly zipkinUrl: string;
}

/** What a measured path is given. */
export interface BenchContext {
  /** The backing services. */
  readonly backing: Backing;
  /** The short version has fewer comparisons, with less work in each. */
  readonly isShort: boolean;
  /** How many rounds of each comparison count. */
  readonly rounds: number;
  /** Breaks off the measuring: whatever a process of the bench is doing is not waited for. */
  readonly signal: AbortSignal;
  /** Tells what is under way. */
  readonly progress: (line: string) => void;
}

/** Measures one path of an email. */
export type Path = (context: BenchContext) => Promise<readonly Row[]>;
