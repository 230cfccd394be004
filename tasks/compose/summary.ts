import type { Environment } from "@playground/shared/configuration";
import { tableLines } from "@playground/tasks/terminal";

export function describeContainers(settings: Environment): string {
  const url = (variable: string, usualPort: number) =>
    `http://127.0.0.1:${settings[variable] ?? usualPort}`;
  const isReal = settings.MAILTRAP_USER !== undefined;
  const messageServer = url("COMPOSE_MESSAGE_SERVER_PORT", 8080);
  const password = settings.COMPOSE_RABBITMQ_PASSWORD === undefined
    ? 'password "playground"'
    : "password in .env";
  const hasMetrics = settings.COMPOSE_PROFILES?.split(",").includes("metrics") ?? false;
  const rows = [
    ["RabbitMQ:", `${url("COMPOSE_RABBITMQ_PORT", 15672)}  (user playground, ${password})`],
    ["Zipkin:", `${url("COMPOSE_ZIPKIN_PORT", 9411)}/zipkin/`],
    ["Message-Server:", messageServer],
    [
      "Mailtrap:",
      isReal ? "https://mailtrap.io" : `${url("COMPOSE_MAILTRAP_PORT", 8025)}  (stand-in)`,
    ],
    ...(hasMetrics
      ? [
        ["Prometheus:", url("COMPOSE_PROMETHEUS_PORT", 9090)],
        ["Grafana:", url("COMPOSE_GRAFANA_PORT", 3000)],
      ]
      : []),
  ];
  return `
${tableLines(rows).join("\n")}

Send an email: deno task send-email --server ${messageServer}
Look and stop: deno task logs, deno task down
`;
}
