import { deepEqual } from "node:assert/strict";
import { timeByPart } from "./cpu_profile.ts";

const frame = (functionName: string, url = "") => ({ functionName, url });

Deno.test("timeByPart() counts what belongs to no part for its caller, and no idle time", () => {
  const profile = {
    nodes: [
      { id: 1, callFrame: frame("(root)"), children: [2, 4, 5] },
      { id: 2, callFrame: frame("answer", "file:///server.ts"), children: [3] },
      { id: 3, callFrame: frame("parse") },
      { id: 4, callFrame: frame("(idle)") },
      { id: 5, callFrame: frame("(garbage collector)") },
    ],
    samples: [2, 3, 4, 5, 1],
    timeDeltas: [10, 30, 1000, 5, 5],
  };
  deepEqual(timeByPart(profile, (url) => url.endsWith("server.ts") ? "HTTP" : undefined), [
    { part: "HTTP", share: 0.8 },
    { part: "(garbage collector)", share: 0.1 },
    { part: "runtime", share: 0.1 },
  ]);
});

Deno.test("timeByPart() divides nothing where there is nothing", () => {
  deepEqual(timeByPart({ nodes: [], samples: [], timeDeltas: [] }, () => undefined), []);
});
