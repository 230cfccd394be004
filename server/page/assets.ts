import htm from "htm" with { type: "text" };
import htmPreact from "htm/preact" with { type: "text" };
import preact from "preact" with { type: "text" };
import preactHooks from "preact/hooks" with { type: "text" };
import signals from "@preact/signals" with { type: "text" };
import signalsCore from "@preact/signals-core" with { type: "text" };
import { DESIGN } from "@playground/shared/design";
import parties from "@playground/shared/tracing/parties" with { type: "text" };
import drawing from "@playground/shared/waterfall/drawing" with { type: "text" };
import traceId from "../trace_view/trace_id.js" with { type: "text" };
import exploreStyle from "./explore.css" with { type: "text" };
import page from "./page.css" with { type: "text" };
import lessonsStyle from "./lessons.css" with { type: "text" };
import waterfallStyle from "./waterfall.css" with { type: "text" };
import compareStyle from "./compare.css" with { type: "text" };
import * as MODULES from "./modules.ts";

interface Asset {
  /** Its name below `/page/`. */
  readonly name: string;
  readonly contentType: "text/css" | "text/javascript";
  readonly text: string;
}

export const MAIN_SCRIPT = "main.js";

/** The style sheets, in the order in which they apply. */
const STYLE_SHEETS: Readonly<Record<string, string>> = {
  "design.css": DESIGN,
  "page.css": page,
  "waterfall.css": waterfallStyle,
  "lessons.css": lessonsStyle,
  "compare.css": compareStyle,
  "explore.css": exploreStyle,
};

export const STYLE_SHEET_NAMES: readonly string[] = Object.keys(STYLE_SHEETS);

/** The modules of libraries and of other workspace members, by import name. */
const LIBRARIES: Readonly<Record<string, string>> = {
  "@preact/signals": signals,
  "@preact/signals-core": signalsCore,
  "@playground/server/trace-id": traceId,
  "@playground/shared/tracing/parties": parties,
  "@playground/shared/waterfall/drawing": drawing,
  "htm": htm,
  "htm/preact": htmPreact,
  "preact": preact,
  "preact/hooks": preactHooks,
};

/** Where the modules of libraries are, below `/page/`. */
const LIBRARY_FOLDER = "lib/";

export const ASSETS: readonly Asset[] = [
  ...Object.entries(STYLE_SHEETS).map(([name, text]) =>
    ({ name, contentType: "text/css", text }) as const
  ),
  ...Object.entries(MODULES).map(([name, text]) => script(name, text, `./${LIBRARY_FOLDER}`)),
  ...Object.entries(LIBRARIES).map(([name, text]) =>
    script(`${LIBRARY_FOLDER}${fileNameOf(name)}`, text, "./")
  ),
];

/** The scripts that the page needs before it is drawn; the others are imported when their view is first shown. */
export const FIRST_SCRIPTS: readonly Asset[] = ASSETS.filter(({ contentType, name }) =>
  contentType === "text/javascript" && (name.startsWith(LIBRARY_FOLDER) || isFirst(name))
);

function isFirst(name: string): boolean {
  const modules: Readonly<Record<string, string>> = MODULES;
  const names = new Set([MAIN_SCRIPT]);
  for (const one of names) {
    for (const [, other = ""] of (modules[one] ?? "").matchAll(/\bfrom "\.\/([^"]+)"/g)) {
      names.add(other);
    }
  }
  return names.has(name);
}

/**
 * A module whose imports of libraries are relative addresses: browsers support only inline import maps, which the page's policy
 * forbids. Doc comments and source maps are not served.
 */
function script(name: string, text: string, libraryFolder: string): Asset {
  const ownText = text
    .replaceAll(
      /\bfrom ?"([^"]+)"/g,
      (whole, library) =>
        Object.hasOwn(LIBRARIES, library) ? `from "${libraryFolder}${fileNameOf(library)}"` : whole,
    )
    .replaceAll(/^ *\/\*\*(?:[^*]|\*(?!\/))*\*\/\n/gm, "")
    .replace(/^\/\/# sourceMappingURL=.*$/m, "");
  return { name, contentType: "text/javascript", text: ownText };
}

function fileNameOf(library: string): string {
  return `${library.replace("@", "").replaceAll("/", "-")}.js`;
}
