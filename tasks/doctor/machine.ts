import { checkDocker } from "@playground/tasks/compose";
import { notRunning, type PlaygroundUrls } from "@playground/tasks/running-system";
import type { Check } from "./finding.ts";

/** Older ones lack what the tasks use. */
const MINIMUM_DENO = { major: 2, minor: 9 } as const;

/** The ports that `deno task dev` prefers. */
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

/** Looks at the version of Deno. */
export function denoVersion(version: string = Deno.version.deno): Check {
  return () => {
    const [major = 0, minor = 0] = version.split(".").map(Number);
    const isEnough = major > MINIMUM_DENO.major ||
      (major === MINIMUM_DENO.major && minor >= MINIMUM_DENO.minor);
    return Promise.resolve({
      subject: "Deno",
      status: isEnough ? "ok" : "problem",
      detail: version,
      ...(isEnough ? {} : { remedy: "2.9 or later is needed: deno upgrade" }),
    });
  };
}

/** Tells whether the playground runs, and where. */
export function playground(running: PlaygroundUrls | undefined, stateDirectory: string): Check {
  const detail = running === undefined
    ? notRunning(stateDirectory)
    : `the playground runs, at ${running.messageServer}`;
  return () => Promise.resolve({ subject: "Playground", status: "note", detail });
}

/** Looks at the ports that `deno task dev` prefers; it takes the next free ones instead. */
export function usualPorts(): Check {
  return () => {
    const subject = "Ports";
    const taken = Object.entries(USUAL_PORTS).filter(([port]) => isTaken(Number(port)));
    return Promise.resolve(
      taken.length === 0 ? { subject, status: "ok", detail: "all the usual ones are free" } : {
        subject,
        status: "note",
        detail: `taken: ${
          taken.map(([port, name]) => `${port} (${name})`).join(", ")
        }; dev takes the next ones`,
      },
    );
  };
}

/** Looks for Docker, which only `deno task up` needs. */
export const docker: Check = async () => {
  const state = await checkDocker();
  return {
    subject: "Docker",
    status: state.ok ? "ok" : "note",
    detail: state.ok ? "ready for deno task up" : `only for deno task up: ${state.problem}`,
  };
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
