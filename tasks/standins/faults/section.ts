import document from "../faults.md" with { type: "text" };
import type { FaultName } from "./catalogue.ts";

/** What `faults.md` says of a fault, in Markdown: its section without the heading. */
export function sectionOf(name: FaultName): string {
  const [, rest = ""] = document.split(`### \`${name}\`\n`);
  return rest.split(/^##/m, 1).join().trim();
}
