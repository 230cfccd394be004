import { styleText } from "node:util";
import { taskCommand } from "@playground/tasks/running-system";
import type { StandInName } from "@playground/tasks/standins";
import type { PlaygroundSystem } from "@playground/tasks/system";
import { tableLines } from "@playground/tasks/terminal";

const COLOURS = ["cyan", "green", "magenta", "yellow", "blue"] as const;

export function prefixedOutput(names: readonly string[]): (name: string) => (line: string) => void {
  const width = Math.max(...names.map((name) => name.length));
  return (name) => {
    const colour = COLOURS[names.indexOf(name) % COLOURS.length] ?? "cyan";
    const prefix = styleText(colour, `${name.padEnd(width)} │`);
    return (line) => console.log(`${prefix} ${line}`);
  };
}

export function describeSystem(
  { urls, zipkinPage }: Pick<PlaygroundSystem, "urls" | "zipkinPage">,
  embedded: readonly StandInName[],
  startMs: number,
  stateDirectory: string,
): string {
  const origin = (name: StandInName) => embedded.includes(name) ? "embedded" : "configured";
  const zipkin = zipkinPage === undefined ? "none" : `${zipkinPage.replace(/\/$/, "")}/zipkin/`;
  const rows = [
    ["The page", new URL(urls.messageServer).href, "open it in a browser"],
    ["Message server", urls.messageServer, "POST /email"],
    ["Zipkin", zipkin, origin("zipkin")],
    ["RabbitMQ", withoutCredentials(urls.amqp), origin("amqp")],
    ["MongoDB", withoutCredentials(urls.mongodb), origin("mongodb")],
    ["Mailtrap inbox", urls.mailtrapApi, origin("mailtrap")],
    ["Mailtrap SMTP", urls.smtp, origin("mailtrap")],
    ...urls.faults === undefined
      ? []
      : [["Faults", urls.faults, taskCommand("fault", stateDirectory)]],
  ];
  return `
Ready in ${(startMs / 1000).toFixed(1)} s

${tableLines(rows).map((line) => `  ${line}`).join("\n")}

Send an email from another terminal: ${taskCommand("send-email", stateDirectory)}
`;
}

/** No password is printed. */
function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^/@]*@/g, "//");
}
