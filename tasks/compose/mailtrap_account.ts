import { confirm, isCancel, log, password, text } from "@clack/prompts";

const QUESTIONS = [
  { name: "MAILTRAP_USER", message: "User, from the sandbox's SMTP settings", ask: text },
  { name: "MAILTRAP_PASSWORD", message: "Password, from there too", ask: password },
  { name: "MAILTRAP_BOXID", message: "Box id, from the sandbox's address", ask: text },
  { name: "MAILTRAP_TOKEN", message: "API token, from Settings > API tokens", ask: password },
] as const;

/** Empty where a stand-in is wanted, `undefined` after Ctrl-C. */
export async function askForMailtrapAccount() {
  const isWanted = await confirm({
    message: "Use a Mailtrap account of your own? (No: a stand-in takes the mails)",
    initialValue: false,
  });
  if (isCancel(isWanted)) return undefined;
  if (!isWanted) return {};
  const account: Record<string, string> = {};
  for (const { name, message, ask } of QUESTIONS) {
    const answer = await ask({ message, validate: problemOf });
    if (isCancel(answer)) return undefined;
    account[name] = answer.trim();
  }
  log.success("They will be written to .env");
  return account;
}

function problemOf(answer: string | undefined): string | undefined {
  if (answer === undefined || answer.trim() === "") return "Required";
  return /['\r\n]/.test(answer) ? "It must not contain a quote" : undefined;
}
