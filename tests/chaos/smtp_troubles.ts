import type { SmtpTrouble } from "./faults.ts";

/** A fault of the stand-in's control API. */
interface Setting {
  readonly name: string;
  readonly value?: string;
  readonly probability?: number;
}

const SETTINGS: Readonly<Record<SmtpTrouble, Setting>> = {
  "wrong password": { name: "smtp.wrong-password" },
  "monthly limit": { name: "smtp.monthly-limit" },
  "451 at times": { name: "smtp.reply", value: "451", probability: 0.3 },
  "rate limit": { name: "smtp.rate-limit", value: "10" },
  "cut before the end of a mail": { name: "smtp.drop-during-data", probability: 0.2 },
  // Longer than any other answer, shorter than the emailers' patience (system.ts).
  "250 very late": { name: "smtp.delay", value: "4000" },
  "cut after the end of a mail": { name: "smtp.drop-after-data", probability: 0.2 },
};

/** How long the control API may take: the process may be killed in the middle. */
const TIMEOUT_MS = 2_000;

/**
 * Tells whether a trouble is met at the login only, which connections that are open have behind them.
 */
export function isMetAtLogin(trouble: SmtpTrouble): boolean {
  return trouble === "wrong password" || trouble === "monthly limit";
}

/**
 * Has the mail server make trouble from now on. A stand-in that is killed meanwhile comes back without it.
 */
export async function beginSmtpTrouble(faultsUrl: URL, trouble: SmtpTrouble): Promise<void> {
  const { name, ...setting } = SETTINGS[trouble];
  await request(new URL(`/faults/${name}`, faultsUrl), {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(setting),
  });
}

/** Ends a trouble. */
export async function endSmtpTrouble(faultsUrl: URL, trouble: SmtpTrouble): Promise<void> {
  await request(new URL(`/faults/${SETTINGS[trouble].name}`, faultsUrl), { method: "DELETE" });
}

/** Ends all troubles. */
export async function endSmtpTroubles(faultsUrl: URL): Promise<void> {
  await request(new URL("/faults", faultsUrl), { method: "DELETE" });
}

async function request(url: URL, init: RequestInit): Promise<void> {
  let response: Response;
  try {
    response = await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch {
    return; // The stand-in was killed, and its faults with it.
  }
  const answer = await response.text();
  if (!response.ok) throw new Error(`Cannot set a fault at ${url}: ${response.status} ${answer}`);
}
