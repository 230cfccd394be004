import { deepEqual } from "node:assert/strict";
import { liveArea, terminalOptions } from "./live_area.ts";

Deno.test("liveArea() writes over what it wrote before, however many lines that were", () => {
  const written: string[] = [];
  const draw = liveArea({ writeSync: (bytes) => written.push(new TextDecoder().decode(bytes)) });
  for (const text of ["one", "one\ntwo\nthree", "done"]) draw(text);
  deepEqual(written, ["one\n", "\x1b[1A\x1b[Jone\ntwo\nthree\n", "\x1b[3A\x1b[Jdone\n"]);
});

Deno.test("terminalOptions() is as wide as the terminal, if known, in colours unless the user wants none", () => {
  deepEqual(terminalOptions({ columns: 132 }, false), { columns: 132, colour: true });
  deepEqual(terminalOptions({ columns: 132 }, true), { columns: 132, colour: false });
  deepEqual(terminalOptions({ columns: 0 }, false), { columns: 80, colour: true });
});
