import { deepEqual, equal, ok } from "node:assert/strict";
import { accessOf, permissionFlags } from "./permissions.ts";
import { SERVICE_NAMES } from "./services.ts";

const ZIPKIN = { ZIPKIN_URL: "http://zipkin:9411" };

Deno.test("accessOf() is what a service listens on and connects to, each once", () => {
  deepEqual(accessOf("message-server", { ...ZIPKIN, AMQP_URL: "amqp://a,amqp://b,amqp://a" }), {
    net: ["127.0.0.1:8080", "a:5672", "b:5672", "zipkin:9411"],
    files: [],
  });
  deepEqual(accessOf("emailer", { HEALTH_PORT: "1", SMTP_HOST: "smtp", SMTP_PORT: "25" }), {
    net: ["127.0.0.1:1", "smtp:25"],
    files: [],
  });
});

Deno.test("accessOf() is the real Mailtrap where none is configured", () => {
  deepEqual(accessOf("emailer", {}).net, ["127.0.0.1:8081", "sandbox.smtp.mailtrap.io:2525"]);
  deepEqual(accessOf("mail-poller", {}).net, ["127.0.0.1:8082", "mailtrap.io:443"]);
});

Deno.test("accessOf() takes a blank variable as unset", () => {
  deepEqual(accessOf("emailer", { SMTP_HOST: "", SMTP_CA: " ", AMQP_URL: "", HOST: "" }), {
    net: ["127.0.0.1:8081", "sandbox.smtp.mailtrap.io:2525"],
    files: [],
  });
});

Deno.test("accessOf() is the collector for OTLP only where spans go there", () => {
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: "https://collector.example.net" };
  const otlp = { OTEL_TRACES_EXPORTER: "otlp" };
  deepEqual(accessOf("message-server", endpoint).net, ["127.0.0.1:8080"]);
  deepEqual(accessOf("message-server", { ...endpoint, ...otlp }).net, [
    "127.0.0.1:8080",
    "collector.example.net:443",
  ]);
  deepEqual(accessOf("message-server", otlp).net, ["127.0.0.1:8080", "127.0.0.1:4318"]);
});

Deno.test("accessOf() writes IPv6 addresses with brackets", () => {
  deepEqual(accessOf("emailer", { HOST: "::", SMTP_HOST: "::1" }).net, [
    "[::]:8081",
    "[::1]:2525",
  ]);
});

Deno.test("accessOf() is any address where only the DNS knows the hosts", () => {
  equal(accessOf("mail-poller", { MONGODB_URL: "mongodb+srv://cluster0.example.net" }).net, "any");
});

Deno.test("accessOf() is the file of a certificate, for the emailer alone", () => {
  deepEqual(accessOf("emailer", { SMTP_CA: "/certs/ca.pem" }).files, ["/certs/ca.pem"]);
  deepEqual(accessOf("emailer", { SMTP_CA: "-----BEGIN CERTIFICATE-----\n…" }).files, []);
  deepEqual(accessOf("mail-poller", { SMTP_CA: "/certs/ca.pem" }).files, []);
});

Deno.test("accessOf() is nothing that another service connects to", () => {
  const environment = {
    ...ZIPKIN,
    AMQP_URL: "amqp://rabbitmq",
    MONGODB_URL: "mongodb://mongo",
    MAILTRAP_URL: "http://mailtrap",
    SMTP_HOST: "smtp",
    ARCHIVE_URL: "http://poller:8082",
    FAULTS_URL: "http://127.0.0.1:8026",
  };
  deepEqual(SERVICE_NAMES.map((name) => accessOf(name, environment).net.slice(1)), [
    ["rabbitmq:5672", "zipkin:9411", "poller:8082", "127.0.0.1:8026"],
    ["rabbitmq:5672", "zipkin:9411", "smtp:2525"],
    ["mongo:27017", "zipkin:9411", "mailtrap:80"],
  ]);
});

Deno.test("permissionFlags() grants hosts and variables by name, and nothing else", () => {
  for (const name of SERVICE_NAMES) {
    const [noPrompt, net, env, ...rest] = permissionFlags(name, ZIPKIN);
    equal(noPrompt, "--no-prompt");
    ok(net?.startsWith("--allow-net=127.0.0.1:"));
    ok(env?.startsWith("--allow-env=ZIPKIN_URL,"));
    deepEqual(rest, ["--ignore-env"]);
  }
});

Deno.test("permissionFlags() grants the file of a certificate, and any address if it must", () => {
  ok(permissionFlags("emailer", { SMTP_CA: "/ca.pem" }).includes("--allow-read=/ca.pem"));
  const srv = permissionFlags("mail-poller", { MONGODB_URL: "mongodb+srv://c.example.net" });
  ok(srv.includes("--allow-net"));
});
