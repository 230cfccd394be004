import { equal } from "node:assert/strict";
import { bakedFlags } from "./build.ts";

Deno.test("bakedFlags() lets the stand-in reach everything unless told otherwise", () => {
  const flags = (access: Parameters<typeof bakedFlags>[1]) =>
    bakedFlags("mailtrap-stand-in", access).join(" ");
  equal(flags({}), "--no-prompt --allow-net --allow-read --allow-write --ignore-env");
  equal(
    flags({ net: ["a:1", "b:2"], files: ["/state", "/certs"] }),
    "--no-prompt --allow-net=a:1,b:2 --allow-read=/state,/certs --allow-write=/state,/certs --ignore-env",
  );
});
