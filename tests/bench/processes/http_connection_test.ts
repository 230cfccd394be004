import { deepEqual, equal, rejects } from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import { HttpConnection, postEmailRequest } from "./http_connection.ts";

integrationTest("HttpConnection sends requests one after the other on one connection", async () => {
  const received: unknown[] = [];
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request, { remoteAddr }) => {
      received.push([request.method, new URL(request.url).pathname, await request.text()]);
      // Longer than one read.
      return new Response(`${remoteAddr.port}${"x".repeat(10_000)}`, { status: 202 });
    },
  );
  const url = new URL(`http://127.0.0.1:${server.addr.port}`);
  {
    using connection = await HttpConnection.open(url);
    equal(await connection.send(postEmailRequest(url, "ä")), 202);
    equal(await connection.send(postEmailRequest(url, "b", "x-b3-sampled: 0\r\n")), 202);
  }
  deepEqual(received, [["POST", "/email", "ä"], ["POST", "/email", "b"]]);
});

integrationTest("HttpConnection says that the server hung up", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept().then((connection) => connection.close());
  const url = new URL(`http://127.0.0.1:${listener.addr.port}`);
  using connection = await HttpConnection.open(url);
  await accepted;
  await rejects(connection.send(new Uint8Array(1)));
});
