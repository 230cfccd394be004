import { PARTIES } from "@playground/shared/tracing/parties";
import {
  definitionOf,
  FAULT_NAMES,
  type FaultName,
  type FaultPart,
  type Faults,
  sectionOf,
} from "@playground/tasks/faults";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { mersenne } from "pure-rand/generator/mersenne";
import { CASES, type Difficulty, type MysteryCase } from "./cases.ts";

const HOPS = [...PARTIES.slice(1), { id: "zipkin", name: "Zipkin" } as const];

type HopId = typeof HOPS[number]["id"];

const HOP_OF: Readonly<Record<FaultPart, HopId>> = {
  smtp: "mailtrap",
  "mailtrap-api": "mailtrap",
  rabbitmq: "rabbitmq",
  mongodb: "mongodb",
  zipkin: "zipkin",
  spans: "zipkin",
  services: "emailer",
};

/** Causes that are not faults of a stand-in, hence always wrong. */
const INNOCENT: readonly { readonly hop: HopId; readonly id: string; readonly text: string }[] = [
  { hop: "message-server", id: "overloaded", text: "It is overloaded" },
  { hop: "message-server", id: "invalid", text: "It refuses valid emails" },
  { hop: "emailer", id: "stopped", text: "No emailer runs" },
  { hop: "emailer", id: "slow", text: "It is slow to compose mails" },
  { hop: "mail-poller", id: "rare", text: "It polls too rarely" },
  { hop: "mail-poller", id: "parsing", text: "It cannot parse the mails" },
];

const FULL_SCORE = 100;
const HINT_COSTS = [10, 20] as const;
const WRONG_HOP_COST = 20;
const WRONG_CAUSE_COST = 10;
/** A mystery ends after this time, in case it is forgotten. */
const TIME_LIMIT_MS = 60 * 60 * 1000;

/** A mystery as its learner sees it. */
export type MysteryView = Mystery["view"];

/** `ended`: somebody cleared its fault, or an hour is over. */
type MysteryState = "open" | "solved" | "given-up" | "ended";

/** Seeds are short: people tell them to one another. */
export const MAX_SEED = 9_999;

export function anySeed(): number {
  return (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) % (MAX_SEED + 1);
}

/** The case of a seed, the same wherever the same stand-ins run; `undefined` if none of them has a fault of this difficulty. */
export function caseOf(
  seed: number,
  difficulty: Difficulty | undefined,
  faults: Pick<Faults, "has">,
): MysteryCase | undefined {
  const cases = CASES.filter((one) =>
    (difficulty === undefined || one.difficulty === difficulty) && faults.has(one.fault.name)
  );
  return cases.length === 0 ? undefined : cases[uniformInt(mersenne(seed), 0, cases.length - 1)];
}

/** A fault is on, and hidden until it is named or given up. Disposing it mends it. */
export class Mystery implements Disposable {
  readonly #faults: Faults;
  readonly #case: MysteryCase;
  readonly #seed: number;
  readonly #stopListening: () => void;
  #state: MysteryState = "open";
  #score = FULL_SCORE;
  #hintCount = 0;
  #verdict: string | undefined;

  constructor(faults: Faults, seed: number, mysteryCase: MysteryCase) {
    this.#faults = faults;
    this.#seed = seed;
    this.#case = mysteryCase;
    const { fault: { name, value }, probability } = mysteryCase;
    const set = faults.set(name, { value, probability, forMs: TIME_LIMIT_MS }, { isHidden: true });
    if (!set.ok) throw new Error(`Cannot set ${name}: ${set.problem}`);
    this.#stopListening = faults.onChange((changed) => {
      // The fault is off, or somebody else has set it.
      if (changed === name) this.#close("ended");
    });
  }

  get view() {
    const { difficulty, story, where, what, proof, fault: { name } } = this.#case;
    const isOpen = this.#state === "open";
    return {
      state: this.#state,
      seed: this.#seed,
      difficulty,
      story,
      score: this.#score,
      hops: HOPS.map(({ id, name }) => ({ id, label: name, causes: causesAt(id) })),
      hints: [where, what].slice(0, this.#hintCount),
      /** Absent when no hint is left. */
      nextHintCost: isOpen ? HINT_COSTS[this.#hintCount] : undefined,
      verdict: this.#verdict,
      solution: isOpen ? undefined : {
        hop: HOPS.find(({ id }) => id === hopOf(name))?.name ?? "",
        fault: name,
        title: definitionOf(name).title,
        proof,
        /** The fault's section of `faults.md`, in Markdown. */
        section: sectionOf(name),
      },
    };
  }

  hint(): void {
    const cost = HINT_COSTS[this.#hintCount];
    if (this.#state !== "open" || cost === undefined) return;
    this.#hintCount++;
    this.#lose(cost);
  }

  /** Grades an answer. A wrong one costs points, and the verdict says whether the hop is right. */
  guess({ hop, cause }: { readonly hop: string; readonly cause: string }): void {
    if (this.#state !== "open") return;
    const { fault: { name }, alsoRight = [] } = this.#case;
    if (hop !== hopOf(name)) {
      this.#lose(WRONG_HOP_COST);
      this.#verdict = "It is not there. Look where the time goes, or where the first error is.";
    } else if (![name, ...alsoRight].some((right) => right === cause)) {
      this.#lose(WRONG_CAUSE_COST);
      this.#verdict = "The hop is right, the cause is not.";
    } else {
      this.#verdict = "Right.";
      this.#end("solved");
    }
  }

  giveUp(): void {
    if (this.#state !== "open") return;
    this.#score = 0;
    this.#end("given-up");
  }

  [Symbol.dispose](): void {
    if (this.#state === "open") this.#end("ended");
  }

  #lose(points: number): void {
    this.#score = Math.max(0, this.#score - points);
  }

  #end(state: MysteryState): void {
    this.#close(state);
    this.#faults.clear(this.#case.fault.name);
  }

  #close(state: MysteryState): void {
    this.#state = state;
    this.#stopListening();
  }
}

export function hopOf(name: FaultName): string {
  return HOP_OF[definitionOf(name).part];
}

function causesAt(hop: string): readonly { readonly id: string; readonly text: string }[] {
  const faults = FAULT_NAMES.map((id) => ({ hop: hopOf(id), id, text: definitionOf(id).title }));
  return [...faults, ...INNOCENT].filter((cause) => cause.hop === hop)
    .map(({ id, text }) => ({ id, text }));
}
