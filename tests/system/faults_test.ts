/**
 * The faults of the stand-ins: each one does what its explanation says, to our services' clients; the command `deno task fault`;
 * and `faults.md`.
 *
 * @module
 */
import { deepEqual, equal, match } from "node:assert/strict";
import { join } from "node:path";
import { integrationTest } from "@playground/shared/testing";
import {
  definitionOf,
  FAULT_NAMES,
  type FaultName,
  type FaultPart,
} from "@playground/tasks/faults";
import { ROOT } from "@playground/tasks/running-system";
import { ANY_PORTS, type StandInName, startStandIns } from "@playground/tasks/standins";
import { LESSONS } from "../../tasks/lesson/lessons/mod.ts";
import { optionsWith } from "../fixture/real_components.ts";
import { type FaultCheck, startBench } from "../fixture/faults.ts";
import { MAILTRAP_CHECKS } from "./faults/mailtrap.ts";
import { MONGODB_CHECKS } from "./faults/mongodb.ts";
import { RABBITMQ_CHECKS } from "./faults/rabbitmq.ts";
import { SPANS_CHECKS, ZIPKIN_CHECKS } from "./faults/zipkin.ts";
import { freePort } from "../fixture/ports.ts";
import { runTask } from "../fixture/task_process.ts";

const CHECKS: Readonly<Record<FaultName, FaultCheck>> = {
  ...MAILTRAP_CHECKS,
  ...RABBITMQ_CHECKS,
  ...MONGODB_CHECKS,
  ...ZIPKIN_CHECKS,
  ...SPANS_CHECKS,
  async "services.own-sampler"(bench) {
    await bench.set({ value: "mail-poller", probability: 0.25 });
    await bench.set({ forMs: 600_000 });
    await bench.clear();
    const ratio = (text: string) => ({
      OTEL_TRACES_SAMPLER: "traceidratio",
      OTEL_TRACES_SAMPLER_ARG: text,
    });
    deepEqual(bench.settings, [{ "mail-poller": ratio("0.75") }, { emailer: ratio("0") }, {}]);
  },
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
    await using bench = await startBench(STAND_IN_OF[part], name);
    await CHECKS[name](bench);
  });
}

for (const name of FAULT_NAMES.filter((name) => name in SPANS_CHECKS)) {
  integrationTest(`${name} strikes before Zipkin, too (real Zipkin)`, async () => {
    await using bench = await startBench("zipkin-proxy", name);
    await CHECKS[name](bench);
  }, optionsWith("TEST_ZIPKIN_URL"));
}

integrationTest("fault lists, sets and clears", async () => {
  await using standIns = await startStandIns(["mailtrap"], ANY_PORTS);
  const runFault = async (...args: readonly string[]) => {
    const { code, output } = await runTask("fault", args);
    equal(code, 0, output);
    return output;
  };
  const url = `--url=${standIns.variables.FAULTS_URL}`;
  const before = await runFault(url);
  for (const name of FAULT_NAMES) {
    const isThere = STAND_IN_OF[definitionOf(name).part] === "mailtrap";
    equal(before.includes(` ${name}`), isThere, name);
  }
  match(before, /^No fault is on/m);

  match(
    await runFault(url, "smtp.reply=452", "probability=0.3", "for=60s"),
    /^smtp\.reply=452 is on, probability 0\.3, (?:60|[1-5]?\d) s left, 0 hits$/m,
  );
  const during = await runFault(url);
  match(during, /^● smtp\.reply=.*\n.*\n +smtp\.reply=452 is on/m);
  await runFault(url, "smtp.delay");
  equal(await runFault(url, "clear", "smtp.reply"), "smtp.reply is off\n");
  const listed: readonly { readonly name: string; readonly active: unknown }[] = JSON.parse(
    await runFault(url, "--json"),
  );
  deepEqual(listed.filter(({ active }) => active !== null).map(({ name }) => name), ["smtp.delay"]);
  const hint = during.match(/Switch all off: deno task fault (?<words>.+)$/m)?.groups?.words ?? "";
  equal(await runFault(...hint.split(" ")), "All faults are off\n");
});

integrationTest("fault says what is wrong, and what to do", async () => {
  await using standIns = await startStandIns(["mailtrap"], ANY_PORTS);
  const [here, away] = [standIns.variables.FAULTS_URL, `http://127.0.0.1:${freePort()}`];
  for (
    const [url = "", words, code, expected] of [
      [away, "smtp.repyl", 2, /there is no fault smtp\.repyl \(did you mean smtp\.reply\?\);/],
      [here, "smtp.delay=1.5", 2, /^Cannot set smtp\.delay: "1\.5" is not a whole number from 1 /],
      [here, "mongodb.down", 1, /^Cannot set mongodb\.down: no stand-in runs for mongodb/],
      [away, "clear", 1, /^Cannot reach the stand-ins at .*; is deno task dev running\?$/m],
    ] as const
  ) {
    const result = await runTask("fault", [`--url=${url}`, words]);
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
