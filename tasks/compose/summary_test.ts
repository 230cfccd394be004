import { match, ok } from "node:assert/strict";
import { describeContainers } from "./summary.ts";

Deno.test("describeContainers() names the addresses that were set, and no secret", () => {
  const text = describeContainers({
    COMPOSE_PROFILES: "metrics",
    COMPOSE_GRAFANA_PORT: "13000",
    COMPOSE_MESSAGE_SERVER_PORT: "18080",
    COMPOSE_RABBITMQ_PASSWORD: "s3cret",
    MAILTRAP_USER: "us3r",
  });
  match(text, /^RabbitMQ: .*password in \.env/m);
  match(text, /^Message-Server: +http:\/\/127\.0\.0\.1:18080$/m);
  match(text, /^Mailtrap: +https:\/\/mailtrap\.io$/m);
  match(text, /^Prometheus: +http:\/\/127\.0\.0\.1:9090$/m);
  match(text, /^Grafana: +http:\/\/127\.0\.0\.1:13000$/m);
  match(text, /--server http:\/\/127\.0\.0\.1:18080$/m);
  ok(!/s3cret|us3r/.test(text));
});
