import { z } from "zod";
import { amqpUrls, commonVariables, flag, port, zipkinUrl } from "@playground/shared/configuration";

const LOOPBACK_HOSTS: readonly string[] = ["127.0.0.1", "::1", "localhost"];

/** The environment variables of the message server. */
export const serverVariables = z.object({
  ...commonVariables,
  /** The address to listen on. */
  HOST: z.string().default("127.0.0.1"),
  /** The port to listen on. */
  PORT: port(8080),
  /** What callers must present as a bearer token; without it anybody who reaches the port may send. */
  API_TOKEN: z.string().optional(),
  /** Allows to listen wider than loopback without a token. */
  ALLOW_ANONYMOUS: flag(),
  /** The RabbitMQ nodes. */
  AMQP_URL: amqpUrls(),
  /** The address of Zipkin that is printed for people. */
  ZIPKIN_PUBLIC_URL: zipkinUrl().optional(),
  /** The right side of each Message-ID. */
  MESSAGE_ID_DOMAIN: z.hostname({ error: "must be a domain name, such as example.com" }).default(
    "playground.invalid",
  ),
});

/** The schema of the message server's configuration. */
export const serverConfiguration = serverVariables.refine(
  ({ HOST, API_TOKEN, ALLOW_ANONYMOUS }) =>
    LOOPBACK_HOSTS.includes(HOST) || API_TOKEN !== undefined || ALLOW_ANONYMOUS,
  {
    path: ["HOST"],
    // Also beside problems of single variables, so that all are told at once.
    when: () => true,
    error:
      "lets other machines send email without a token; set API_TOKEN, or ALLOW_ANONYMOUS=true if that is meant",
  },
);

/** The configuration of the message server. */
export type ServerConfiguration = z.output<typeof serverConfiguration>;
