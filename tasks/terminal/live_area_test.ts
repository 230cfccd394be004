import { deepEqual } from "node:assert/strict";
import { liveArea, terminalOptions } from "./live_area.ts";

Deno.test("liveArea() writes over what it wrote before, however many rows that took", () => {
  const written: string[] = [];
  const output = {
    writeSync: (bytes: Uint8Array) => written.push(new TextDecoder().decode(bytes)),
  };
  const draw = liveArea(output, () => 10);
  for (const text of ["one", "one\n\n\x1b[2melevencolumns\x1b[0m", "done"]) draw(text);
  deepEqual(written, [
    "one\n",
    "\x1b[1A\x1b[Jone\n\n\x1b[2melevencolumns\x1b[0m\n",
    "\x1b[4A\x1b[Jdone\n",
  ]);
});

Deno.test("terminalOptions() is as wide as the terminal, if known, in colours unless the user wants none", () => {
  deepEqual(terminalOptions({ columns: 132 }, false), { columns: 132, colour: true });
  deepEqual(terminalOptions({ columns: 132 }, true), { columns: 132, colour: false });
  deepEqual(terminalOptions({ columns: 0 }, false), { columns: 80, colour: true });
});
