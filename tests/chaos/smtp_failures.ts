import type { SmtpFailure } from "./faults.ts";

interface Setting {
  readonly name: string;
  readonly value?: string;
  readonly probability?: number;
}

const SETTINGS: Readonly<Record<SmtpFailure, Setting>> = {
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
 * Tells whether a failure shows at the login only, which connections that are open have behind them.
 */
export function concernsLogin(failure: SmtpFailure): boolean {
  return failure === "wrong password" || failure === "monthly limit";
}

/**
 * Has the mail server fail like this from now on. A stand-in that is killed meanwhile comes back without it.
 */
export async function beginSmtpFailure(faultsUrl: URL, failure: SmtpFailure): Promise<void> {
  const { name, ...setting } = SETTINGS[failure];
  await request(new URL(`/faults/${name}`, faultsUrl), {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(setting),
  });
}

export async function endSmtpFailure(faultsUrl: URL, failure: SmtpFailure): Promise<void> {
  await request(new URL(`/faults/${SETTINGS[failure].name}`, faultsUrl), { method: "DELETE" });
}

export async function endSmtpFailures(faultsUrl: URL): Promise<void> {
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
