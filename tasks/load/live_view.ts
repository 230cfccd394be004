import type { LoadPlan } from "./arguments.ts";
import type { OutcomeFigures } from "./outcome_counts.ts";
import type { Tally } from "./tally.ts";

/** What the live view shows. */
export interface LiveState {
  /** What was to be sent. */
  readonly plan: Pick<LoadPlan, "count" | "durationMs">;
  /** What the message server answered so far. */
  readonly tally: Pick<Tally, "accepted" | "failed">;
  /** What became of the emails so far. */
  readonly figures: OutcomeFigures;
  /** How long emails have been sent, in milliseconds. */
  readonly sendingMs: number;
  /** What is being done. */
  readonly phase: "sending" | "waiting for the emails" | "reading traces";
}

const BAR_COLUMNS = 30;

/** Draws how far a run is: first how much was sent, then how much has ended. */
export function drawLiveView(state: LiveState, columns: number): string {
  const { tally, figures, sendingMs } = state;
  const part = Math.min(1, state.phase === "sending" ? sentPart(state) : endedPart(state));
  const filled = Math.round(part * BAR_COLUMNS);
  const rate = sendingMs > 0 ? tally.accepted / (sendingMs / 1000) : 0;
  const known = (figure: number | undefined) => figure ?? "?";
  return [
    `${"━".repeat(filled)}${"─".repeat(BAR_COLUMNS - filled)} ${
      String(Math.floor(part * 100)).padStart(3)
    } %  ${state.phase}`,
    `accepted ${tally.accepted} (${rate.toFixed(0)} a second)  archived ${
      known(figures.archived)
    }  ` +
    `dead-lettered ${known(figures.deadLettered)}  in queues ${known(figures.waiting)}  ` +
    `failed ${tally.failed}`,
  ].map((line) => line.slice(0, columns)).join("\n");
}

/** Whichever of count and duration is nearer to its end. */
function sentPart(
  { plan: { count = Infinity, durationMs = Infinity }, tally, sendingMs }: LiveState,
): number {
  return Math.max((tally.accepted + tally.failed) / count, sendingMs / durationMs);
}

function endedPart(
  { tally: { accepted }, figures: { archived = 0, deadLettered = 0 } }: LiveState,
) {
  return accepted === 0 ? 1 : (archived + deadLettered) / accepted;
}
