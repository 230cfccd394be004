import { dockerProblem } from "@playground/tasks/compose";
import { notRunning, type PlaygroundUrls } from "@playground/tasks/running-system";
import type { Check } from "./finding.ts";

/** Older ones lack what the tasks use. */
const MINIMUM_DENO = { major: 2, minor: 9 } as const;

const USUAL_PORTS: Readonly<Record<number, string>> = {
  8080: "message server",
  8081: "emailer",
  8082: "mail poller",
  5672: "RabbitMQ",
  27017: "MongoDB",
  9411: "Zipkin",
  2525: "Mailtrap SMTP",
  8025: "Mailtrap API",
};

export function denoVersion(version: string = Deno.version.deno): Check {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isEnough = major > MINIMUM_DENO.major ||
    (major === MINIMUM_DENO.major && minor >= MINIMUM_DENO.minor);
  const finding = { subject: "Deno", detail: version };
  return () =>
    isEnough
      ? { ...finding, status: "ok" }
      : { ...finding, status: "problem", remedy: "2.9 or later is needed: deno upgrade" };
}

export function playground(running: PlaygroundUrls | undefined, stateDirectory: string): Check {
  const detail = running === undefined
    ? notRunning(stateDirectory)
    : `the playground runs, at ${running.messageServer}`;
  return () => ({ subject: "Playground", status: "note", detail });
}

/** Where one is taken `deno task dev` takes the next free one instead. */
export const usualPorts: Check = () => {
  const subject = "Ports";
  const taken = Object.entries(USUAL_PORTS).filter(([port]) => isTaken(Number(port)))
    .map(([port, name]) => `${port} (${name})`);
  return taken.length === 0
    ? { subject, status: "ok", detail: "all the usual ones are free" }
    : { subject, status: "note", detail: `taken: ${taken.join(", ")}; dev takes the next ones` };
};

export const docker: Check = async () => {
  const problem = await dockerProblem();
  return problem === undefined
    ? { subject: "Docker", status: "ok", detail: "ready for deno task up" }
    : { subject: "Docker", status: "note", detail: `only for deno task up: ${problem}` };
};

function isTaken(port: number): boolean {
  try {
    using _listener = Deno.listen({ hostname: "127.0.0.1", port });
    return false;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return true;
    throw error;
  }
}
