import type { Environment } from "@playground/shared/configuration";
import type { ComponentsChoice } from "./arguments.ts";
import type { Backing } from "./components.ts";
import { findDatabase } from "./own/database.ts";
import { findRabbitmq } from "./own/rabbitmq.ts";
import { realComponents } from "../fixture/real_components.ts";

export type BackingResult =
  | { readonly ok: true; readonly backing: Backing }
  | { readonly ok: false; readonly problem: string };

const CLUSTER_SIZE = 3;

export async function chooseBacking(
  choice: ComponentsChoice,
  environment: Environment,
): Promise<BackingResult> {
  switch (choice) {
    case "stand-ins":
      return { ok: true, backing: { kind: "stand-ins" } };
    case "real": {
      const real = realComponents(environment);
      return real.ok
        ? { ok: true, backing: { kind: "named", components: real.components } }
        : { ok: false, problem: `--real needs ${real.missing.join(", ")}; set them` };
    }
    case "own":
    case "cluster": {
      const rabbitmq = await findRabbitmq();
      if ("missing" in rabbitmq) {
        const problem = `--${choice} needs ${rabbitmq.missing}, which is not installed here; ` +
          "install RabbitMQ (Debian: apt-get install rabbitmq-server), or leave it out";
        return { ok: false, problem };
      }
      return {
        ok: true,
        backing: {
          kind: "own",
          rabbitmq,
          nodeCount: choice === "cluster" ? CLUSTER_SIZE : 1,
          database: await findDatabase(),
          zipkinUrl: environment.TEST_ZIPKIN_URL,
        },
      };
    }
  }
}
