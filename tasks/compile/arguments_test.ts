import { deepEqual, equal, match } from "node:assert/strict";
import { type CompileArguments, parseArguments } from "./arguments.ts";
import { TARGET_NAMES } from "./targets.ts";

function parsed(...args: string[]): CompileArguments {
  const result = parseArguments(args);
  if (result.kind !== "run") throw new Error(JSON.stringify(result));
  return result.arguments;
}

Deno.test("parseArguments() makes all binaries, unrestricted, into dist by default", () => {
  deepEqual(parsed(), {
    targets: TARGET_NAMES,
    output: "dist",
    access: {},
    bundleOnly: false,
    commit: undefined,
  });
});

Deno.test("parseArguments() takes names in any order", () => {
  deepEqual(parsed("mail-poller", "message-server").targets, ["message-server", "mail-poller"]);
});

Deno.test("parseArguments() takes lists of addresses and paths", () => {
  deepEqual(parsed("--allow-net=a:1, [::1]:2", "--allow-read", "/ca.pem").access, {
    net: ["a:1", "[::1]:2"],
    files: ["/ca.pem"],
  });
});

Deno.test("parseArguments() takes an empty list as none given", () => {
  deepEqual(parsed("--allow-net=", "--allow-read=").access, {});
});

Deno.test("parseArguments() takes the other options", () => {
  const { output, bundleOnly, commit } = parsed("--output=out", "--bundle", "--commit=abc");
  deepEqual([output, bundleOnly, commit], ["out", true, "abc"]);
});

Deno.test("parseArguments() knows a wish for help", () => {
  equal(parseArguments(["--help"]).kind, "help");
  equal(parseArguments(["-h", "emailer"]).kind, "help");
});

for (
  const [args, problem] of [
    [["emailer", "fax"], /no "fax"; choose from message-server, emailer/],
    [["--allow-run"], /--allow-run/],
    [["--output"], /--output/],
  ] as const
) {
  Deno.test(`parseArguments() says what is wrong with ${args.join(" ")}`, () => {
    const result = parseArguments(args);
    match(result.kind === "usage" ? result.problem : result.kind, problem);
  });
}
