import { deepEqual, equal, throws } from "node:assert/strict";
import { readEndpoint } from "./endpoint.ts";
import { InvalidRequestError } from "./invalid_request_error.ts";

Deno.test("readEndpoint() writes the service in lower case and sorts addresses into their family", () => {
  deepEqual(readEndpoint("localEndpoint", { serviceName: "RabbitMQ", ipv4: "::1", port: "5672" }), {
    serviceName: "rabbitmq",
    ipv6: "::1",
    port: 5672,
  });
  deepEqual(readEndpoint("localEndpoint", { ipv6: "::ffff:192.0.2.1" }), { ipv4: "192.0.2.1" });
  deepEqual(readEndpoint("localEndpoint", { ipv6: "2001:DB8:0:0:0::1" }), { ipv6: "2001:db8::1" });
});

Deno.test("readEndpoint() leaves out what says nothing", () => {
  equal(readEndpoint("localEndpoint", {}), undefined);
  equal(readEndpoint("localEndpoint", { serviceName: "", ipv4: "localhost", port: 0 }), undefined);
  equal(readEndpoint("localEndpoint", { serviceName: null, unknown: 1 }), undefined);
});

Deno.test("readEndpoint() refuses an impossible port and what is no object", () => {
  const port = { port: 70_000 };
  throws(() => readEndpoint("x", port), new InvalidRequestError("invalid port 70000"));
  throws(() => readEndpoint("x", "rabbitmq"), new InvalidRequestError("Malformed"));
});
