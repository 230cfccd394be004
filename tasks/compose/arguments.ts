import { Option } from "@commander-js/extra-typings";
import { join, resolve } from "node:path";
import { ROOT } from "@playground/tasks/running-system";

/** `--env-file FILE`, of `up`, `down` and `logs`. */
export function envFileOption(description = "the settings") {
  return new Option("--env-file <file>", description)
    .argParser((text) => resolve(text))
    .default(join(ROOT, ".env"), ".env");
}
