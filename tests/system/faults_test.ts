/**
 * The faults of the stand-ins: each one does what it says, seen through our services' clients; the command `deno task fault`; and
 * `faults.md`.
 *
 * @module
 */
import { deepEqual, equal, match } from "node:assert/strict";
import { join } from "node:path";
import { type CommandResult, integrationTest, runDeno, waitFor } from "@playground/shared/testing";
import {
  definitionOf,
  FAULT_NAMES,
  type FaultName,
  type FaultPart,
} from "@playground/tasks/faults";
import { ROOT } from "@playground/tasks/running-system";
import type { StandInName } from "@playground/tasks/standins";
import { FaultsClient } from "@playground/tasks/clients/faults";
import { LESSONS } from "../../tasks/lesson/mod.ts";
import { optionsWith } from "../fixture/contract_targets.ts";
import { type FaultCheck, startBench } from "../fixture/faults.ts";
import { MAILTRAP_API_CHECKS } from "./faults/mailtrap_api.ts";
import { MONGODB_CHECKS } from "./faults/mongodb.ts";
import { RABBITMQ_CHECKS } from "./faults/rabbitmq.ts";
import { SMTP_CHECKS } from "./faults/smtp.ts";
import { SERVICES_CHECKS } from "./faults/services.ts";
import { SPANS_CHECKS } from "./faults/spans.ts";
import { ZIPKIN_CHECKS } from "./faults/zipkin.ts";
import { startTestSystem } from "../fixture/test_system.ts";

const CHECKS: Readonly<Record<FaultName, FaultCheck>> = {
  ...SMTP_CHECKS,
  ...MAILTRAP_API_CHECKS,
  ...RABBITMQ_CHECKS,
  ...MONGODB_CHECKS,
  ...ZIPKIN_CHECKS,
  ...SPANS_CHECKS,
  ...SERVICES_CHECKS,
};

const STAND_IN_OF = {
  smtp: "mailtrap",
  "mailtrap-api": "mailtrap",
  rabbitmq: "amqp",
  mongodb: "mongodb",
  zipkin: "zipkin",
  spans: "zipkin",
  services: "launcher",
} as const satisfies Readonly<Record<FaultPart, StandInName | "launcher">>;

for (const name of FAULT_NAMES) {
  const { explanation, part } = definitionOf(name);
  integrationTest(`${name} ${explanation}`, async () => {
    await using bench = await startBench(STAND_IN_OF[part]);
    await CHECKS[name](bench);
  });
}

for (const [name, check] of Object.entries(SPANS_CHECKS)) {
  integrationTest(`${name} strikes before Zipkin, too (real Zipkin)`, async () => {
    await using bench = await startBench("zipkin-proxy");
    await check(bench);
  }, optionsWith("TEST_ZIPKIN_URL"));
}

async function runFault(
  ...args: readonly string[]
): Promise<Pick<CommandResult, "code" | "output">> {
  const { code, output } = await runDeno(
    ["run", "--no-prompt", "--allow-net", "--allow-read", "tasks/fault/main.ts", ...args],
  );
  return { code, output };
}

integrationTest("fault lists, sets and clears", async () => {
  await using bench = await startBench("mailtrap");
  const url = `--url=${bench.variables.FAULTS_URL}`;
  const before = await runFault(url);
  equal(before.code, 0, before.output);
  for (const name of FAULT_NAMES) {
    equal(
      before.output.includes(` ${name}`),
      STAND_IN_OF[definitionOf(name).part] === "mailtrap",
      name,
    );
  }
  match(before.output, /^No fault is on/m);

  const set = await runFault(url, "smtp.reply=452", "probability=0.3", "for=60s");
  equal(set.code, 0, set.output);
  match(set.output, /^smtp\.reply=452 is on, probability 0\.3, (?:59|60) s left, 0 hits$/m);
  match((await runFault(url)).output, /^● smtp\.reply=.*\n.*\n +smtp\.reply=452 is on/m);

  const json = await runFault(url, "--json");
  const listed: readonly { readonly name: string; readonly active: unknown }[] = JSON.parse(
    json.output,
  );
  deepEqual(listed.filter(({ active }) => active !== null).map(({ name }) => name), ["smtp.reply"]);

  deepEqual(await runFault(url, "clear", "smtp.reply"), { code: 0, output: "smtp.reply is off\n" });
  equal((await runFault(url, "smtp.delay")).code, 0);
  const { output } = await runFault(url);
  const hint = output.match(/Switch all off: deno task fault (?<words>.+)$/m)?.groups?.words ?? "";
  deepEqual(await runFault(...hint.split(" ")), { code: 0, output: "All faults are off\n" });
  match((await runFault(url)).output, /^No fault is on/m);
});

integrationTest("fault says what is wrong, and what to do", async () => {
  await using bench = await startBench("mailtrap");
  await using foreign = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => Response.json({ error: "nothing here" }, { status: 404 }),
  );
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const away = `http://127.0.0.1:${listener.addr.port}`;
  listener.close();
  const there = `--url=${bench.variables.FAULTS_URL}`;
  const foreignUrl = `http://127.0.0.1:${foreign.addr.port}`;
  for (
    const [where, args, code, expected] of [
      [there, ["smtp.repyl"], 2, /there is no fault smtp\.repyl; did you mean smtp\.reply\?/],
      [
        there,
        ["smtp.delay=1.5"],
        2,
        /^Cannot set smtp\.delay: "1\.5" is not a whole number from 1 to 120000 \(ms\)/,
      ],
      [there, ["mongodb.down"], 1, /^Cannot set mongodb\.down: no stand-in runs for mongodb/],
      [
        `--state=${join(ROOT, "nowhere")}`,
        ["clear", "smtp.delay"],
        1,
        /^Cannot clear smtp\.delay: the playground is not running; start it with: .* --state \//,
      ],
      [
        `--url=${foreignUrl}`,
        ["clear"],
        1,
        /^Cannot reach the stand-ins at \S+: its answer is not the control API's; is deno task dev/,
      ],
      [`--url=${away}`, [], 1, /^Cannot reach the stand-ins at .*; is deno task dev running\?$/m],
    ] as const
  ) {
    const result = await runFault(where, ...args);
    equal(result.code, code, result.output);
    match(result.output, expected);
  }
});

async function readSections(): Promise<ReadonlyMap<string, string>> {
  const book = await Deno.readTextFile(join(ROOT, "tasks", "standins", "faults.md"));
  const sections = book.split(/^#{2,3} /m).slice(1);
  return new Map(sections.map((section) => {
    const [heading = "", ...lines] = section.split("\n");
    return [heading.replaceAll("`", ""), lines.join("\n")];
  }));
}

integrationTest("faults.md has a section for each fault, and no other", async () => {
  const sections = await readSections();
  const named = [...sections.keys()].filter((heading) => /^[a-z-]+\.[a-z-]+$/.test(heading));
  deepEqual(named.toSorted(), [...FAULT_NAMES].toSorted());
  for (const name of FAULT_NAMES) {
    const { explanation, lesson } = definitionOf(name);
    const text = sections.get(name)?.replaceAll(/\s+/g, " ") ?? "";
    equal(text.toLowerCase().includes(explanation.toLowerCase()), true, `${name}: ${explanation}`);
    match(text, new RegExp(`deno task fault ${name.replace(".", "\\.")}`), name);
    for (const part of ["What you see", "Why", "What the system does"]) {
      equal(text.includes(`**${part}`), true, `${name}: ${part}`);
    }
    equal(/Lesson (?<number>\d+)/.exec(text)?.groups?.number, lesson?.toString(), name);
  }
});

integrationTest("faults.md lists the lessons, and each fault knows its own", async () => {
  const sections = await readSections();
  const listed = [...(sections.get("The lessons") ?? "").matchAll(/^(\d+)\. \*\*(.+?)\*\*/gm)]
    .map(([, number, title]) => [Number(number), title]);
  deepEqual(listed, LESSONS.map(({ number, title }) => [number, title]));
  deepEqual(LESSONS.map(({ number }) => number), LESSONS.map((_, index) => index + 1));
  const usedIn = Map.groupBy(
    LESSONS.flatMap(({ number, faults }) => faults.map(({ name }) => ({ name, number }))),
    ({ name }) => name,
  );
  for (const name of FAULT_NAMES) {
    const numbers = usedIn.get(name)?.map(({ number }) => number);
    equal(definitionOf(name).lesson, numbers === undefined ? null : Math.min(...numbers), name);
  }
});

integrationTest("an email tried again after rabbitmq.no-confirm is as faults.md says", async () => {
  const section = (await readSections()).get("rabbitmq.no-confirm")?.replaceAll(/\s+/g, " ") ?? "";
  match(section, /the same `Idempotency-Key` the email may be sent twice, and is archived once/);

  await using running = await startTestSystem();
  const faults = new FaultsClient(new URL(running.system.urls.faults ?? ""));
  equal((await faults.set("rabbitmq.no-confirm", {})).status, "ok");
  const email = {
    sender: { address: "me@example.com" },
    recipient: { address: "you@example.com" },
    subject: "Twice",
    body: "Once",
  };
  const tryIt = () => running.client.postEmail(email, { "Idempotency-Key": "twice" });
  for (const answer of await Promise.all([tryIt(), tryIt()])) {
    equal(answer.status === "refused" && answer.httpStatus, 503);
  }
  await waitFor("both mails are archived", async () => {
    const [document, ...others] = await running.archived();
    equal(others.length, 0);
    return document?.deliveries.length === 2;
  }, 20_000);
});
