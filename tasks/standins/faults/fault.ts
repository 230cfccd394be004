/** The parts of the playground that can be made to fail. */
export const FAULT_PARTS = ["smtp", "mailtrap-api", "rabbitmq", "mongodb", "zipkin"] as const;

/** One of {@linkcode FAULT_PARTS}. */
export type FaultPart = typeof FAULT_PARTS[number];

/** What may be chosen about a fault, beside that it happens. */
export type FaultParameter =
  | { readonly type: "choice"; readonly choices: readonly string[]; readonly default: string }
  | {
    readonly type: "integer";
    /** What is counted, such as `ms`. */
    readonly unit: string;
    readonly minimum: number;
    readonly maximum: number;
    readonly default: number;
  };

/** A fault that a stand-in can have. */
export interface FaultDefinition {
  /** Who fails. */
  readonly part: FaultPart;
  /** What people call it: who does what. */
  readonly title: string;
  /** One line: what happens. */
  readonly explanation: string;
  /** What may be chosen. */
  readonly parameter: FaultParameter | null;
  /** The number of the lesson that shows it. */
  readonly lesson: number | null;
}

/** How a fault is at work. */
export interface ActiveFault {
  /** That of its parameter; `null` where it has none. */
  readonly value: string | null;
  /** How often it happens where it could, from 0 to 1. */
  readonly probability: number;
  /** An ISO date; `null`: it ends when it is cleared. */
  readonly endsAt: string | null;
  /** How often it has happened since it was set. */
  readonly hitCount: number;
}

/** A fault with its state: what the control API answers. */
export interface Fault extends FaultDefinition {
  /** Such as `smtp.reply`. */
  readonly name: string;
  /** `null` while it is off. */
  readonly active: ActiveFault | null;
}

/** How a fault is to be set. */
export interface FaultSetting {
  /** That of its parameter. @default the parameter's own */
  readonly value?: string | undefined;
  /** From 0 to 1. @default 1 */
  readonly probability?: number | undefined;
  /** After how many milliseconds it ends by itself. @default it does not */
  readonly forMs?: number | undefined;
}

/** The title of the control API's answer about a fault that no stand-in has: another 404 is somebody else's. */
export const UNKNOWN_FAULT = "Unknown fault";
