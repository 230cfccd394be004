/** The parts of the playground that can be made to fail. */
export const FAULT_PARTS = ["smtp", "mailtrap-api", "rabbitmq", "mongodb", "zipkin"] as const;

/** One of {@linkcode FAULT_PARTS}. */
export type FaultPart = typeof FAULT_PARTS[number];

/** What may be chosen about a fault, beside that it happens. */
export type FaultParameter =
  | {
    /** One of several words, such as a reply code. */
    readonly type: "choice";
    /** The words. */
    readonly choices: readonly string[];
    /** The one that is taken where none is given. */
    readonly default: string;
  }
  | {
    /** A whole number. */
    readonly type: "integer";
    /** What is counted, such as `ms`. */
    readonly unit: string;
    /** The least. */
    readonly minimum: number;
    /** The most. */
    readonly maximum: number;
    /** What is taken where none is given. */
    readonly default: number;
  };

/** A fault that a stand-in can have. */
export interface FaultDefinition {
  /** Who fails. */
  readonly part: FaultPart;
  /** One line: what happens. */
  readonly explanation: string;
  /** What may be chosen, if anything. */
  readonly parameter: FaultParameter | null;
  /** The number of the lesson that shows it, if there is one. */
  readonly lesson: number | null;
}

/** How a fault is at work. */
export interface ActiveFault {
  /** The value of its parameter; none where it has no parameter. */
  readonly value: string | null;
  /** How often it happens where it could, from 0 to 1. */
  readonly probability: number;
  /** When it ends by itself, as an ISO date; `null`: when it is cleared. */
  readonly endsAt: string | null;
  /** How often it has happened since it was set. */
  readonly hitCount: number;
}

/** A fault with its state: what the control API answers. */
export interface Fault extends FaultDefinition {
  /** Its name, such as `smtp.reply`. */
  readonly name: string;
  /** How it is at work; `null` while it is not. */
  readonly active: ActiveFault | null;
}

/** How a fault is to be set. */
export interface FaultSetting {
  /** The value of its parameter. @default the parameter's own */
  readonly value?: string | undefined;
  /** How often it happens where it could, from 0 to 1. @default 1 */
  readonly probability?: number | undefined;
  /** After how many milliseconds it ends by itself. @default it does not */
  readonly forMs?: number | undefined;
}

/** The title of the control API's answer about a fault that no stand-in has: another 404 is somebody else's. */
export const UNKNOWN_FAULT = "Unknown fault";
