import { confirm, group, isCancel, log, password, text } from "@clack/prompts";

const QUESTIONS = [
  { name: "MAILTRAP_USER", message: "User, from the sandbox's SMTP settings", isSecret: false },
  { name: "MAILTRAP_PASSWORD", message: "Password, from there too", isSecret: true },
  { name: "MAILTRAP_BOXID", message: "Box id, from the sandbox's address", isSecret: false },
  { name: "MAILTRAP_TOKEN", message: "API token, from Settings > API tokens", isSecret: true },
] as const;

/** Nothing where a stand-in is wanted, `undefined` where the person broke off. */
export async function askForMailtrapAccount(): Promise<
  Readonly<Record<string, string>> | undefined
> {
  const isWanted = await confirm({
    message: "Use a Mailtrap account of your own? (No: a stand-in takes the mails)",
    initialValue: false,
  });
  if (isCancel(isWanted)) return undefined;
  if (!isWanted) return {};
  let isBrokenOff = false;
  const answers = await group(
    Object.fromEntries(QUESTIONS.map(({ name, message, isSecret }) => [
      name,
      () => (isSecret ? password : text)({ message, validate: problemOf }),
    ])),
    {
      onCancel: () => {
        isBrokenOff = true;
      },
    },
  );
  if (isBrokenOff) return undefined;
  log.success("They go into .env");
  return Object.fromEntries(
    QUESTIONS.map(({ name }) => [name, String(answers[name] ?? "").trim()]),
  );
}

function problemOf(answer: string | undefined): string | undefined {
  if (answer === undefined || answer.trim() === "") return "It is needed";
  return /['\r\n]/.test(answer) ? "It must have no quote in it" : undefined;
}
