import { cancel, group, text } from "@clack/prompts";
import { DEFAULT_EMAIL, type GivenEmail } from "./arguments.ts";

/** Asks for what the command line did not give. An empty answer takes the default. */
export async function askForMissing(given: GivenEmail): Promise<GivenEmail | undefined> {
  const question = (message: string, name: keyof typeof DEFAULT_EMAIL) => () => {
    const answer = given[name];
    return answer !== undefined ? Promise.resolve(answer) : text({
      message,
      placeholder: DEFAULT_EMAIL[name],
      defaultValue: DEFAULT_EMAIL[name],
    });
  };
  let cancelled = false;
  const answers = await group({
    from: question("From", "from"),
    to: question("To", "to"),
    subject: question("Subject", "subject"),
    body: question("Body", "body"),
  }, {
    onCancel: () => {
      cancelled = true;
    },
  });
  if (cancelled) {
    cancel("Nothing was sent");
    return undefined;
  }
  return { ...given, ...answers };
}
