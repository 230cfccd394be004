import type { Environment } from "@playground/shared/configuration";

/** The volume of each keeps what it was when the container was started first. A refusal is how a client says that it is another. */
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

/** Hard to guess, and with nothing in it that an address would have to escape. */
const PASSWORD_BYTES = 18;

/**
 * Makes the passwords that are not set yet. RabbitMQ and MongoDB take a password at their first start only: one whose volume is
 * there keeps the one that it has.
 */
export function missingPasswords(
  settings: Environment,
  volumes: readonly string[],
): Readonly<Record<string, string>> {
  const missing = PASSWORDS.filter(({ name, volume }) =>
    settings[name] === undefined && !volumes.includes(volume)
  );
  return Object.fromEntries(missing.map(({ name }) => [name, randomPassword()]));
}

function randomPassword(): string {
  return crypto.getRandomValues(new Uint8Array(PASSWORD_BYTES)).toHex();
}

export function isRefusedPassword(problem: string): boolean {
  return PASSWORDS.some(({ refusal }) => refusal.test(problem));
}

export function explainRefusals(problems: readonly string[], envFile: string): readonly string[] {
  return PASSWORDS.filter(({ refusal }) => problems.some((problem) => refusal.test(problem)))
    .map(({ name, volume }) =>
      `The volume ${volume} was made with another password; put that one into ${envFile} as ${name}, or forget its emails with: deno task down --volumes`
    );
}
