import { type EmailDocument, idempotentEmailId } from "@playground/shared/email";
import { SeededRandom } from "../fixture/random.ts";

/** How an email ends if nothing goes wrong: archived, given up after some attempts, or refused for good. */
export type EmailKind = "good" | "temporary bounce" | "permanent bounce";

export interface ChaosEmail {
  readonly kind: EmailKind;
  readonly document: EmailDocument;
  readonly idempotencyKey: string;
  /** The id that the message server must give it. */
  readonly id: string;
  /** Whether it is posted until it is accepted; else once, whatever the answer. */
  readonly isPatient: boolean;
  /** Whether it is posted again after it was accepted. */
  readonly isRepeated: boolean;
}

/** The mail server's reply to emails that bounce. */
export const BOUNCE_REPLIES = {
  "temporary bounce": "451 come back later",
  "permanent bounce": "550 no such user",
} as const satisfies Partial<Record<EmailKind, string>>;

const SHARES = { temporary: 0.05, permanent: 0.05, impatient: 0.2, repeated: 0.05 } as const;
const MAX_BODY_CHARACTERS = 10_000;
const LINE = "No accepted email is ever lost, and none is archived twice.\n";

export function createEmailWriter(
  seed: number,
  runId: string,
): (index: number) => Promise<ChaosEmail> {
  return async (index) => {
    const random = new SeededRandom(seed + Math.imul(index, 0x9e3779b1));
    const kind = kindOf(random.next());
    const length = random.between(1, MAX_BODY_CHARACTERS);
    const document = {
      sender: { address: `chaos-${runId}@example.com`, display: "Chaos" },
      recipient: { address: recipientOf(kind) },
      subject: `Chaos ${runId}, email ${index + 1}`,
      body: LINE.repeat(Math.ceil(length / LINE.length)).slice(0, length),
    };
    const idempotencyKey = `chaos-${runId}-${index}`;
    return {
      kind,
      document,
      idempotencyKey,
      id: await idempotentEmailId(idempotencyKey, document),
      isPatient: random.next() >= SHARES.impatient,
      isRepeated: random.next() < SHARES.repeated,
    };
  };
}

function kindOf(share: number): EmailKind {
  if (share < SHARES.temporary) return "temporary bounce";
  return share < SHARES.temporary + SHARES.permanent ? "permanent bounce" : "good";
}

/**
 * Mailtrap's bounce emulator answers with the reply in the address (https://docs.mailtrap.io/email-sandbox/testing/bounce-rate).
 */
function recipientOf(kind: EmailKind): string {
  if (kind === "good") return "you@example.com";
  return `bounce+${BOUNCE_REPLIES[kind].replaceAll(" ", "+")}@example.com`;
}
