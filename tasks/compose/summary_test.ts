import { match, ok } from "node:assert/strict";
import { describeContainers } from "./summary.ts";

Deno.test("describeContainers() tells the usual addresses", () => {
  const text = describeContainers({});
  match(text, /^RabbitMQ: +http:\/\/127\.0\.0\.1:15672 .*password "playground"/m);
  match(text, /^Zipkin: +http:\/\/127\.0\.0\.1:9411\/zipkin\/$/m);
  match(text, /^Message-Server: +http:\/\/127\.0\.0\.1:8080$/m);
  match(text, /^Mailtrap: +http:\/\/127\.0\.0\.1:8025 +\(stand-in\)$/m);
});

Deno.test("describeContainers() tells the addresses that were set, and no secret", () => {
  const text = describeContainers({
    COMPOSE_MESSAGE_SERVER_PORT: "18080",
    COMPOSE_RABBITMQ_PASSWORD: "s3cret",
    MAILTRAP_USER: "us3r",
  });
  match(text, /^Message-Server: +http:\/\/127\.0\.0\.1:18080$/m);
  match(text, /--server http:\/\/127\.0\.0\.1:18080$/m);
  match(text, /password in \.env/);
  match(text, /^Mailtrap: +https:\/\/mailtrap\.io$/m);
  ok(!text.includes("s3cret") && !text.includes("us3r"));
});
