import type { Environment } from "@playground/shared/configuration";

/** The volume of each password keeps what it was when the container was started first. */
export const PASSWORD_VOLUMES = {
  COMPOSE_RABBITMQ_PASSWORD: "tracing-playground_rabbitmq-data",
  COMPOSE_MONGO_PASSWORD: "tracing-playground_mongo-data",
} as const;

/** How the clients of RabbitMQ and MongoDB say that the password is not theirs. */
const REFUSALS = [
  { name: "COMPOSE_RABBITMQ_PASSWORD", pattern: /ACCESS[_-]REFUSED/ },
  { name: "COMPOSE_MONGO_PASSWORD", pattern: /Authentication failed/i },
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
  return Object.fromEntries(
    Object.entries(PASSWORD_VOLUMES).flatMap(([name, volume]) =>
      settings[name] === undefined && !volumes.includes(volume) ? [[name, randomPassword()]] : []
    ),
  );
}

function randomPassword(): string {
  return crypto.getRandomValues(new Uint8Array(PASSWORD_BYTES)).toHex();
}

export function isRefusedPassword(problem: string): boolean {
  return REFUSALS.some(({ pattern }) => pattern.test(problem));
}

export function explainRefusals(problems: readonly string[], envFile: string): readonly string[] {
  return REFUSALS.filter(({ pattern }) => problems.some((problem) => pattern.test(problem)))
    .map(({ name }) =>
      `The volume ${
        PASSWORD_VOLUMES[name]
      } was made with another password; put that one into ${envFile} as ${name}, or forget its emails with: deno task down --volumes`
    );
}
