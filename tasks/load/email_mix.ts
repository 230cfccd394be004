import type { EmailDocument } from "@playground/shared/email";
import type { LoadPlan } from "./arguments.ts";

/** How an email shall end. */
export type ExpectedEnd = "archived" | "deadLettered";

/** An email of the run. */
export interface LoadEmail {
  /** The email. */
  readonly document: EmailDocument;
  /** How it shall end. */
  readonly expected: ExpectedEnd;
}

/** An ordinary recipient. */
const GOOD_RECIPIENT = "you@example.com";
/** One that Mailtrap's bounce emulator refuses for good (https://docs.mailtrap.io/email-sandbox/testing/bounce-rate). */
const BAD_RECIPIENT = "bounce+550+no+such+user@example.com";

const BODY_LINE = "The quick brown fox jumps over the lazy dog and is archived for it.\n";

/** The sender of all emails of a run, by which they are told from everybody else's. */
export function senderOf(runId: string): string {
  return `load-${runId}@example.com`;
}

/**
 * Makes the function that writes the emails of a run. The bad ones are spread evenly, so that any stretch of the run has its part
 * of them.
 */
export function createEmailMix(
  runId: string,
  { badRatio, bodySizeBytes }: Pick<LoadPlan, "badRatio" | "bodySizeBytes">,
): (index: number) => LoadEmail {
  const body = BODY_LINE.repeat(Math.ceil(bodySizeBytes / BODY_LINE.length)).slice(
    0,
    bodySizeBytes,
  );
  return (index) => {
    const isBad = Math.floor((index + 1) * badRatio) > Math.floor(index * badRatio);
    return {
      expected: isBad ? "deadLettered" : "archived",
      document: {
        sender: { address: senderOf(runId), display: "Load" },
        recipient: { address: isBad ? BAD_RECIPIENT : GOOD_RECIPIENT },
        subject: `Load ${runId}, email ${index + 1}`,
        body,
      },
    };
  };
}
