import type { Environment } from "@playground/shared/configuration";

/** Real components that run already. */
export interface RealComponents {
  /** RabbitMQ, one node. */
  readonly amqpUrl: string;
  /** A MongoDB-wire server, without a database. */
  readonly mongodbUrl: string;
  /** Zipkin. */
  readonly zipkinUrl: string;
}

/** The variables that name the real components. */
export const REAL_VARIABLES = ["TEST_AMQP_URL", "TEST_MONGODB_URL", "TEST_ZIPKIN_URL"] as const;

/** The real components, or which variables do not name one. */
export type RealComponentsResult =
  | { readonly ok: true; readonly components: RealComponents }
  | { readonly ok: false; readonly missing: readonly string[] };

/** Reads where the real components are. */
export function realComponents(environment: Environment): RealComponentsResult {
  const [amqpUrl, mongodbUrl, zipkinUrl] = REAL_VARIABLES.map((name) => environment[name]);
  if (amqpUrl !== undefined && mongodbUrl !== undefined && zipkinUrl !== undefined) {
    return { ok: true, components: { amqpUrl, mongodbUrl, zipkinUrl } };
  }
  return { ok: false, missing: REAL_VARIABLES.filter((name) => environment[name] === undefined) };
}
