import { match, ok } from "node:assert/strict";
import { EXAMPLE_URLS } from "../system/testing.ts";
import { describeSystem } from "./output.ts";

Deno.test("describeSystem() says where each part is and comes from, and no password", () => {
  const text = describeSystem(
    { urls: EXAMPLE_URLS, zipkinPage: "http://public:9411/" },
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
  match(
    describeSystem({ urls: EXAMPLE_URLS, zipkinPage: undefined }, [], 0, "/srv/other"),
    /Zipkin +none/,
  );
});
