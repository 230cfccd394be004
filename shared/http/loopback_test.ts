import { equal } from "node:assert/strict";
import { calledHost, callsLoopback, isLoopback } from "./loopback.ts";

const hosts = [
  ["127.0.0.1", true],
  ["localhost", true],
  ["LOCALHOST", true],
  ["[::1]", true],
  ["evil.example", false],
  ["127.0.0.1.evil.example", false],
  ["localhost.evil.example", false],
  ["10.0.0.1", false],
  ["0.0.0.0", false],
  ["[::2]", false],
] as const;
for (const [host, expected] of hosts) {
  Deno.test(`callsLoopback() is ${expected} for ${host}, on any port and path`, () => {
    for (const url of [`http://${host}/`, `http://${host}:8080/127.0.0.1?host=localhost`]) {
      equal(callsLoopback(new Request(url)), expected, url);
    }
  });
}

Deno.test("calledHost() is the name or address alone", () => {
  equal(calledHost({ url: "http://Mailtrap:80/api" }), "mailtrap");
  equal(calledHost({ url: "http://[::1]:80/" }), "::1");
});

Deno.test("isLoopback() takes the hosts that only this machine reaches", () => {
  for (const host of ["127.0.0.1", "::1", "[::1]", "localhost"]) {
    equal(isLoopback(host), true, host);
  }
  for (const host of ["0.0.0.0", "::", "[::]", "192.0.2.1", ""]) {
    equal(isLoopback(host), false, host);
  }
});
