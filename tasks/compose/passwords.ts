import type { Environment } from "@playground/shared/configuration";

/** Each volume keeps the password of the container's first start. A client's refusal shows that the current one differs. */
const PASSWORDS = [
  {
    name: "COMPOSE_RABBITMQ_PASSWORD",
    volume: "tracing-playground_rabbitmq-data",
    refusal: /ACCESS[_-]REFUSED/,
  },
  {
    name: "COMPOSE_MONGO_PASSWORD",
    volume: "tracing-playground_mongo-data",
    refusal: /Authentication failed/i,
  },
] as const;

/** Makes the passwords that are neither set nor kept in a volume. */
export function missingPasswords(
  settings: Environment,
  volumes: readonly string[],
): Readonly<Record<string, string>> {
  const missing = PASSWORDS.filter(({ name, volume }) =>
    settings[name] === undefined && !volumes.includes(volume)
  );
  // Hard to guess, and without characters that a URL would have to escape.
  const password = () => crypto.getRandomValues(new Uint8Array(18)).toHex();
  return Object.fromEntries(missing.map(({ name }) => [name, password()]));
}

export function isRefusedPassword(problem: string): boolean {
  return PASSWORDS.some(({ refusal }) => refusal.test(problem));
}

export function explainRefusals(problems: readonly string[], envFile: string): readonly string[] {
  return PASSWORDS.filter(({ refusal }) => problems.some((problem) => refusal.test(problem)))
    .map(({ name, volume }) =>
      `The volume ${volume} was made with another password; set ${name} in ${envFile} to that one, or delete its emails with: deno task down --volumes`
    );
}
