import { deepEqual } from "node:assert/strict";
import { accessOf, hostsOf } from "./permissions.ts";
import type { ServiceName } from "./services.ts";

const MAILTRAP_SMTP = "sandbox.smtp.mailtrap.io:2525";
const CERTIFICATE = "-----BEGIN CERTIFICATE-----\n…";
const OTLP = { OTEL_TRACES_EXPORTER: "otlp" };
const COLLECTOR = { OTEL_EXPORTER_OTLP_ENDPOINT: "https://collector.example.net" };
/** What each service connects to, and what the others do. */
const ALL = {
  AMQP_URL: "amqp://a,amqp://b,amqp://a",
  ZIPKIN_URL: "http://zipkin:9411",
  MONGODB_URL: "mongodb://mongo",
  MAILTRAP_URL: "http://mailtrap",
  SMTP_HOST: "smtp",
  ARCHIVE_URL: "http://poller:8082",
  FAULTS_URL: "http://127.0.0.1:8026",
};

for (
  const [service, environment, net, files = []] of [
    [
      "message-server",
      ALL,
      ["127.0.0.1:8080", "a:5672", "b:5672", "zipkin:9411", "poller:8082", "127.0.0.1:8026"],
    ],
    ["emailer", ALL, ["127.0.0.1:8081", "a:5672", "b:5672", "zipkin:9411", "smtp:2525"]],
    ["mail-poller", ALL, ["127.0.0.1:8082", "mongo:27017", "zipkin:9411", "mailtrap:80"]],
    // The real Mailtrap where none is configured. A blank variable is unset.
    ["emailer", { SMTP_HOST: "", SMTP_CA: " ", AMQP_URL: "", HOST: "" }, [
      "127.0.0.1:8081",
      MAILTRAP_SMTP,
    ]],
    ["mail-poller", {}, ["127.0.0.1:8082", "mailtrap.io:443"]],
    // The collector for OTLP only where spans go there.
    ["message-server", COLLECTOR, ["127.0.0.1:8080"]],
    ["message-server", { ...COLLECTOR, ...OTLP }, ["127.0.0.1:8080", "collector.example.net:443"]],
    ["message-server", OTLP, ["127.0.0.1:8080", "127.0.0.1:4318"]],
    ["emailer", { HEALTH_PORT: "1", SMTP_HOST: "smtp", SMTP_PORT: "25" }, [
      "127.0.0.1:1",
      "smtp:25",
    ]],
    ["emailer", { HOST: "::", SMTP_HOST: "::1" }, ["[::]:8081", "[::1]:2525"]],
    ["emailer", { HOST: "[::1]" }, ["[::1]:8081", MAILTRAP_SMTP]],
    ["mail-poller", { MONGODB_URL: "mongodb+srv://cluster0.example.net" }, "any"],
    // The file of a certificate, for the emailer alone.
    ["emailer", { SMTP_CA: "/ca.pem" }, ["127.0.0.1:8081", MAILTRAP_SMTP], ["/ca.pem"]],
    ["emailer", { SMTP_CA: CERTIFICATE }, ["127.0.0.1:8081", MAILTRAP_SMTP]],
    ["mail-poller", { SMTP_CA: "/ca.pem" }, ["127.0.0.1:8082", "mailtrap.io:443"]],
  ] as const satisfies readonly Readonly<
    [ServiceName, Record<string, string>, readonly string[] | "any", (readonly string[])?]
  >[]
) {
  Deno.test(`accessOf() of the ${service} with ${JSON.stringify(environment)}`, () => {
    deepEqual(accessOf(service, environment), { net, files });
  });
}

for (
  const [setting, hosts] of [
    // The usual ports.
    ["amqps://rabbitmq", ["rabbitmq:5671"]],
    ["AMQP://rabbitmq", ["rabbitmq:5672"]],
    // Paths, virtual hosts, databases and options.
    ["http://zipkin:9411/api/v2", ["zipkin:9411"]],
    ["amqp://rabbitmq:5673/%2F?heartbeat=5", ["rabbitmq:5673"]],
    ["mongodb://mongo:27018/messages?authSource=admin", ["mongo:27018"]],
    ["mongodb://mongo?tls=true", ["mongo:27017"]],
    // Several nodes.
    ["amqp://a:1,amqp://b,amqps://c", ["a:1", "b:5672", "c:5671"]],
    ["amqp://u:p@a , amqp://u:p@b:2", ["a:5672", "b:2"]],
    ["mongodb://a,b:2,c/messages?replicaSet=rs0", ["a:27017", "b:2", "c:27017"]],
    // Credentials with odd characters, some of which should have been escaped.
    ["amqp://user:p%40ss%2Cw%2Ford@rabbitmq", ["rabbitmq:5672"]],
    ["amqp://user:p@ss@rabbitmq:1", ["rabbitmq:1"]],
    ["mongodb://user:p,w@ss:1@a,b/messages", ["a:27017", "b:27017"]],
    ["mongodb://user:p%3A%2F%3F@a:1,b:2/?replicaSet=rs0", ["a:1", "b:2"]],
    // IPv6.
    ["amqp://guest:guest@[::1]", ["[::1]:5672"]],
    ["amqp://[::1]:5673,amqp://[fe80::1]", ["[::1]:5673", "[fe80::1]:5672"]],
    ["mongodb://[::1],[::2]:27018/messages", ["[::1]:27017", "[::2]:27018"]],
    ["http://[2001:db8::1]:9411", ["[2001:db8::1]:9411"]],
    // Only the DNS knows.
    ["mongodb+srv://user:pass@cluster0.example.net/messages", "any"],
    // What is no address: the service says what is wrong with it.
    ["rabbitmq", []],
    ["", []],
    ["mongodb://", []],
  ] as const
) {
  Deno.test(`hostsOf() reads ${JSON.stringify(setting)}`, () => {
    deepEqual(hostsOf(setting), hosts);
  });
}
