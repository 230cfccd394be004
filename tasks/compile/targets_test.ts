import { deepEqual, ok } from "node:assert/strict";
import { SERVICE_NAMES } from "@playground/tasks/system";
import { bakedFlags } from "./targets.ts";

Deno.test("bakedFlags() of a service grants nothing but its variables and what is given", () => {
  for (const name of SERVICE_NAMES) {
    const [noPrompt, net, env, ...rest] = bakedFlags(name, { net: ["a:1", "b:2"] });
    deepEqual([noPrompt, net], ["--no-prompt", "--allow-net=a:1,b:2"]);
    ok(env?.startsWith("--allow-env=ZIPKIN_URL,"));
    deepEqual(rest, ["--ignore-env"]);
  }
});

Deno.test("bakedFlags() of a service lets it reach every address, and no file, by default", () => {
  const flags = bakedFlags("emailer", {});
  ok(flags.includes("--allow-net"));
  ok(!flags.some((flag) => /read|write|run|ffi|sys/.test(flag)));
  ok(bakedFlags("emailer", { files: ["/ca.pem"] }).includes("--allow-read=/ca.pem"));
});

Deno.test("bakedFlags() of the stand-in lets it keep its state", () => {
  const net = ["0.0.0.0:80"];
  const files = ["/state", "/certs"];
  deepEqual(
    bakedFlags("mailtrap-stand-in", { net, files }).join(" "),
    "--no-prompt --allow-net=0.0.0.0:80 --allow-read=/state,/certs --allow-write=/state,/certs --ignore-env",
  );
  deepEqual(
    bakedFlags("mailtrap-stand-in", {}).join(" "),
    "--no-prompt --allow-net --allow-read --allow-write --ignore-env",
  );
});
