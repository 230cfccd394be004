import { deepEqual, equal, match, ok } from "node:assert/strict";
import { mock } from "node:test";
import { definitionOf, Faults, sectionOf } from "@playground/tasks/faults";
import { CASES, type MysteryCase } from "./cases.ts";
import { mysteryRoutes } from "./control_routes.ts";
import { caseOf, hopOf, Mystery } from "./mystery.ts";

const CASE: MysteryCase = {
  difficulty: "easy",
  fault: { name: "smtp.reply", value: "451" },
  story: "Some are late.",
  where: "First",
  what: "Second",
  proof: "It fails with 451.",
  alsoRight: ["smtp.delay"],
};
const RIGHT = { hop: "mailtrap", cause: "smtp.reply" };

function start() {
  const faults = new Faults();
  const mystery = new Mystery(faults, 7, CASE);
  return { faults, mystery, [Symbol.dispose]: () => faults[Symbol.dispose]() };
}

Deno.test("each mystery has a fault of its own, which can be named, and is explained", () => {
  const names = CASES.map(({ fault }) => fault.name);
  deepEqual([...new Set(names)], names);
  using test = start();
  const { hops } = test.mystery.view;
  for (const name of names) {
    match(sectionOf(name), /^`deno task fault .*\*\*What you see:\*\* .*\*\*Why:\*\* /s);
    ok(!sectionOf(name).includes("\n#"));
    const causes = hops.find(({ id }) => id === hopOf(name))?.causes ?? [];
    ok(causes.some(({ id, text }) => id === name && text === definitionOf(name).title), name);
  }
});

Deno.test("caseOf() gives the same case for a seed, all of them in time, and only of the difficulty", () => {
  using faults = new Faults();
  const cases = Array.from({ length: 500 }, (_, seed) => caseOf(seed, undefined, faults));
  deepEqual(caseOf(42, undefined, faults), cases[42]);
  equal(new Set(cases).size, CASES.length);
  for (let seed = 0; seed < 50; seed++) equal(caseOf(seed, "hard", faults)?.difficulty, "hard");
  equal(caseOf(1, "easy", new Faults(["zipkin"])), undefined);
});

Deno.test("Mystery hides its fault, which strikes", () => {
  using test = start();
  equal(test.faults.hit("smtp.reply"), "451");
  equal(test.faults.describe("smtp.reply").active, null);
  equal(test.mystery.view.solution, undefined);
});

Deno.test("Mystery grades: a wrong hop costs 20, a wrong cause 10, hints 10 and 20", () => {
  using test = start();
  const { mystery } = test;
  mystery.guess({ hop: "rabbitmq", cause: "smtp.reply" });
  match(mystery.view.verdict ?? "", /not there/);
  mystery.guess({ hop: "mailtrap", cause: "smtp.wrong-password" });
  match(mystery.view.verdict ?? "", /The hop is right/);
  equal(mystery.view.score, 70);
  mystery.hint();
  deepEqual([mystery.view.hints, mystery.view.nextHintCost], [["First"], 20]);
  mystery.hint();
  mystery.hint();
  deepEqual([mystery.view.hints.length, mystery.view.nextHintCost], [2, undefined]);
  mystery.guess(RIGHT);
  const { state, score, solution } = mystery.view;
  deepEqual([state, score, solution?.fault], ["solved", 40, "smtp.reply"]);
  equal(test.faults.valueOf("smtp.reply"), undefined);
  mystery.guess({ hop: "rabbitmq", cause: "x" });
  equal(mystery.view.score, 40);
});

Deno.test("Mystery accepts a cause that no trace distinguishes from its own", () => {
  using test = start();
  test.mystery.guess({ hop: "mailtrap", cause: "smtp.delay" });
  equal(test.mystery.view.state, "solved");
});

Deno.test("Mystery is given up for no points, and ends when its fault is cleared", () => {
  using test = start();
  test.mystery.giveUp();
  deepEqual([test.mystery.view.state, test.mystery.view.score], ["given-up", 0]);
  using other = start();
  other.faults.clearAll();
  deepEqual([other.mystery.view.state, other.mystery.view.score], ["ended", 100]);
});

Deno.test("Mystery ends when somebody sets its fault, which stays as it was set", () => {
  using test = start();
  ok(test.faults.set("smtp.reply", { value: "552" }).ok);
  equal(test.mystery.view.state, "ended");
  test.mystery.giveUp();
  test.mystery[Symbol.dispose]();
  equal(test.faults.describe("smtp.reply").active?.value, "552");
});

Deno.test("Mystery ends after an hour", () => {
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  try {
    using test = start();
    mock.timers.tick(60 * 60 * 1_000 - 1);
    equal(test.mystery.view.state, "open");
    mock.timers.tick(1);
    equal(test.mystery.view.state, "ended");
    equal(test.faults.valueOf("smtp.reply"), undefined);
  } finally {
    mock.timers.reset();
  }
});

Deno.test("mysteryRoutes() plays by HTTP, and refuses what it cannot read", async () => {
  using faults = new Faults();
  const app = mysteryRoutes(faults);
  const ask = async (method: string, path: string, body: unknown = {}) => {
    const headers = { "content-type": "application/json" };
    const init = method === "GET" || method === "DELETE" ? {} : { body: JSON.stringify(body) };
    const response = await app.request(path, { method, headers, ...init });
    return { status: response.status, ...await response.json() };
  };
  equal((await ask("GET", "/")).mystery, null);
  equal((await ask("POST", "/", { seed: -1 })).status, 422);
  equal((await ask("POST", "/", { seed: 1, difficulty: "easy" })).mystery.difficulty, "easy");
  equal((await ask("PUT", "/answer", { hop: "rabbitmq" })).status, 422);
  equal((await ask("PUT", "/hint", [])).status, 422);
  equal((await ask("GET", "/hint")).status, 405);
  equal((await ask("PUT", "/hint")).mystery.score, 90);
  const { name } = caseOf(1, "easy", faults)?.fault ?? {};
  ok(name);
  const { mystery } = await ask("PUT", "/answer", { hop: hopOf(name), cause: name });
  deepEqual([mystery.state, mystery.score], ["solved", 90]);
  equal((await app.request("/", { method: "POST", body: "{}" })).status, 422);
});
