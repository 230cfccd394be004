import { cancel, group, text } from "@clack/prompts";
import { DEFAULT_EMAIL, type GivenEmail } from "./email.ts";

/** Asks for what the command line did not give. An empty answer takes the default; Ctrl-C gives `undefined`. */
export async function askForMissing(given: GivenEmail): Promise<GivenEmail | undefined> {
  const question = (message: string, name: keyof typeof DEFAULT_EMAIL) => () => {
    const defaultValue = DEFAULT_EMAIL[name];
    return given[name] === undefined
      ? text({ message, placeholder: defaultValue, defaultValue })
      : Promise.resolve(given[name]);
  };
  let isCancelled = false;
  const onCancel = () => {
    isCancelled = true;
  };
  const answers = await group({
    from: question("From", "from"),
    to: question("To", "to"),
    subject: question("Subject", "subject"),
    body: question("Body", "body"),
  }, { onCancel });
  if (!isCancelled) return { ...given, ...answers };
  cancel("Nothing was sent");
  return undefined;
}
