import { deepEqual } from "node:assert/strict";
import { accessOf, commandLine, targetsOf } from "./arguments.ts";
import { TARGET_NAMES } from "./targets.ts";

Deno.test("targetsOf() takes all by default, and names in any order", () => {
  deepEqual(targetsOf([]), TARGET_NAMES);
  deepEqual(targetsOf(["mail-poller", "message-server"]), ["message-server", "mail-poller"]);
});

for (
  const [args, access] of [
    [["--allow-net=a:1, [::1]:2", "--allow-read", "/ca.pem"], {
      net: ["a:1", "[::1]:2"],
      files: ["/ca.pem"],
    }],
    [["--allow-net=", "--allow-read="], {}],
  ] as const
) {
  Deno.test(`accessOf() reads the lists of ${args.join(" ")}`, () => {
    deepEqual(accessOf(commandLine.parse([...args], { from: "user" }).opts()), access);
  });
}
