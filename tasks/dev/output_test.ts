import { match, ok } from "node:assert/strict";
import { describeSystem } from "./output.ts";

const URLS = {
  messageServer: "http://127.0.0.1:8080",
  zipkin: "http://zipkin:9411",
  amqp: "amqp://me:sEcReT@rabbit-1,amqp://me:sEcReT@rabbit-2",
  mongodb: "mongodb://me:sEcReT@mongo/messages",
  mailtrapApi: "http://127.0.0.1:8025",
  smtp: "smtp://127.0.0.1:2525",
  emailer: "http://127.0.0.1:8081",
  faults: "http://127.0.0.1:8026",
};

Deno.test("describeSystem() tells where each part is and comes from, and no password", () => {
  const text = describeSystem(
    { urls: URLS, zipkinPage: "http://public:9411/" },
    ["zipkin", "mailtrap"],
    1_234,
    "/srv/other",
  );
  match(text, /Ready in 1\.2 s/);
  match(
    text,
    /^\nReady in .*\n\n {2}The page +http:\/\/127\.0\.0\.1:8080\/ +open it in a browser\n/,
  );
  match(text, /Zipkin +http:\/\/public:9411\/zipkin\/ +embedded$/m);
  match(text, /RabbitMQ +amqp:\/\/rabbit-1,amqp:\/\/rabbit-2 +configured$/m);
  match(text, /MongoDB +mongodb:\/\/mongo\/messages +configured$/m);
  match(text, /Mailtrap SMTP +smtp:\/\/127\.0\.0\.1:2525 +embedded$/m);
  match(text, /Faults .* deno task fault --state \/srv\/other$/m);
  ok(!text.includes("sEcReT"));
  match(describeSystem({ urls: URLS, zipkinPage: undefined }, [], 0, "/srv/other"), /Zipkin +none/);
});
