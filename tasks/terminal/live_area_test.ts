import { deepEqual } from "node:assert/strict";
import { LiveArea } from "./live_area.ts";

Deno.test("draw() writes over what it wrote before, however many lines that were", () => {
  const written: string[] = [];
  const area = new LiveArea((text) => written.push(text));
  for (const text of ["one", "one\ntwo\nthree", "done"]) area.draw(text);
  deepEqual(written, ["one\n", "\x1b[1A\x1b[Jone\ntwo\nthree\n", "\x1b[3A\x1b[Jdone\n"]);
});
