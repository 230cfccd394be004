import { deepEqual, equal } from "node:assert/strict";
import { hostsOf, hostWithPort } from "./addresses.ts";

for (
  const [setting, hosts] of [
    // The usual ports.
    ["amqp://rabbitmq", ["rabbitmq:5672"]],
    ["amqps://rabbitmq", ["rabbitmq:5671"]],
    ["http://zipkin", ["zipkin:80"]],
    ["https://mailtrap.io", ["mailtrap.io:443"]],
    ["mongodb://mongo", ["mongo:27017"]],
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

Deno.test("hostsOf() cannot know the hosts of a mongodb+srv address", () => {
  equal(hostsOf("mongodb+srv://user:pass@cluster0.example.net/messages"), "any");
});

Deno.test("hostWithPort() puts an IPv6 address into brackets", () => {
  equal(hostWithPort("127.0.0.1", "8080"), "127.0.0.1:8080");
  equal(hostWithPort("::", "8080"), "[::]:8080");
  equal(hostWithPort("[::1]", "8080"), "[::1]:8080");
});
