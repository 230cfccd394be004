import { taskCommand } from "@playground/tasks/running-system";
import type { StandInName } from "@playground/tasks/standins";
import { table } from "./output.ts";
import type { PlaygroundSystem } from "@playground/tasks/system";

/** Says where everything is, for people. */
export function describeSystem(
  { urls, zipkinPage }: Pick<PlaygroundSystem, "urls" | "zipkinPage">,
  embedded: readonly StandInName[],
  startMs: number,
  stateDirectory: string,
): string {
  const origin = (name: StandInName) => embedded.includes(name) ? "embedded" : "configured";
  const rows = [
    ["Message server", urls.messageServer, "POST /email"],
    [
      "Zipkin",
      zipkinPage === undefined ? "none" : `${withoutSlash(zipkinPage)}/zipkin/`,
      origin("zipkin"),
    ],
    ["RabbitMQ", withoutCredentials(urls.amqp), origin("amqp")],
    ["MongoDB", withoutCredentials(urls.mongodb), origin("mongodb")],
    ["Mailtrap inbox", urls.mailtrapApi, origin("mailtrap")],
    ["Mailtrap SMTP", urls.smtp, origin("mailtrap")],
    ...(urls.faults === undefined
      ? []
      : [["Faults", urls.faults, taskCommand("fault", stateDirectory)]]),
  ];
  return `
Ready in ${(startMs / 1000).toFixed(1)} s

${table(rows)}

Send an email from another terminal: ${taskCommand("send-email", stateDirectory)}
`;
}

function withoutSlash(url: string): string {
  return url.replace(/\/$/, "");
}

/** A password has no place on a screen, least of all on stage. */
function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^/@]*@/g, "//");
}
