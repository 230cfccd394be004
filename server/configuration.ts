import type { Telemetry } from "@playground/shared/telemetry";
import { z } from "zod";
import {
  amqpUrls,
  commonVariables,
  flag,
  httpUrl,
  port,
  retryDelays,
  zipkinUrl,
} from "@playground/shared/configuration";
import { isLoopback } from "@playground/shared/http";

/** The environment variables of the message server. */
export const serverVariables = z.object({
  ...commonVariables,
  HOST: z.string().default("127.0.0.1").describe("The address to listen on"),
  PORT: port(8080).describe("The port to listen on"),
  API_TOKEN: z.string().optional().describe(
    "The bearer token that callers must present; unset, anybody who reaches the port may send",
  ),
  ALLOW_ANONYMOUS: flag().describe("Allows listening beyond loopback without a token"),
  AMQP_URL: amqpUrls().describe("The RabbitMQ nodes, separated by commas; embedded in dev"),
  RETRY_DELAYS: retryDelays.describe("The delays of the emailers, whose retry queues it counts"),
  ZIPKIN_PUBLIC_URL: zipkinUrl().optional().describe(
    "Zipkin's address in links for people; unset: ZIPKIN_URL",
  ),
  ARCHIVE_URL: httpUrl("http://127.0.0.1:8082").optional().describe(
    "The health port of the mail poller, which shows archived mails; unset, no mail is shown; dev sets it",
  ),
  FAULTS_URL: httpUrl("http://127.0.0.1:8026").optional().describe(
    "The control API of faults, lessons and mysteries, to which it passes requests; dev sets it",
  ),
  MESSAGE_ID_DOMAIN: z.hostname({ error: "must be a domain name, such as example.com" }).default(
    "playground.invalid",
  ).describe("The right side of each Message-ID"),
});

/** The schema of the message server's configuration. */
export const serverConfiguration = serverVariables.refine(
  ({ HOST, API_TOKEN, ALLOW_ANONYMOUS }) =>
    isLoopback(HOST) || API_TOKEN !== undefined || ALLOW_ANONYMOUS,
  {
    path: ["HOST"],
    // Even beside problems of single variables, so that all are reported at once.
    when: () => true,
    error:
      "lets other machines send email without a token; set API_TOKEN, or ALLOW_ANONYMOUS=true if that is meant",
  },
);

/** The configuration of the message server. */
export type ServerConfiguration = z.output<typeof serverConfiguration>;

/** The Zipkin that spans are read from: the one that they are sent to. */
export function zipkinToRead(
  { exporter, zipkinUrl }: Pick<Telemetry, "exporter" | "zipkinUrl">,
): URL | undefined {
  return exporter === "zipkin" || exporter === "zipkin-stock" ? zipkinUrl : undefined;
}
