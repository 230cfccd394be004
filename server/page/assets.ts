import htm from "htm" with { type: "text" };
import htmPreact from "htm/preact" with { type: "text" };
import preact from "preact" with { type: "text" };
import preactHooks from "preact/hooks" with { type: "text" };
import signals from "@preact/signals" with { type: "text" };
import signalsCore from "@preact/signals-core" with { type: "text" };
import { DESIGN } from "@playground/shared/design";
import drawing from "@playground/shared/waterfall/drawing" with { type: "text" };
import exploreStyle from "./explore.css" with { type: "text" };
import page from "./page.css" with { type: "text" };
import lessonsStyle from "./lessons.css" with { type: "text" };
import waterfallStyle from "./waterfall.css" with { type: "text" };
import compareStyle from "./compare.css" with { type: "text" };
import address from "./client/address.js" with { type: "text" };
import api from "./client/api.js" with { type: "text" };
import app from "./client/app.js" with { type: "text" };
import charts from "./client/charts.js" with { type: "text" };
import clock from "./client/clock.js" with { type: "text" };
import compare from "./client/compare.js" with { type: "text" };
import compose from "./client/compose.js" with { type: "text" };
import copyButton from "./client/copy_button.js" with { type: "text" };
import deadLetters from "./client/dead_letters.js" with { type: "text" };
import emailList from "./client/email_list.js" with { type: "text" };
import emailState from "./client/email_state.js" with { type: "text" };
import envelope from "./client/envelope.js" with { type: "text" };
import eventStream from "./client/event_stream.js" with { type: "text" };
import explore from "./client/explore.js" with { type: "text" };
import exploreAnswer from "./client/explore_answer.js" with { type: "text" };
import exploreBar from "./client/explore_bar.js" with { type: "text" };
import exploreFilter from "./client/explore_filter.js" with { type: "text" };
import exploreList from "./client/explore_list.js" with { type: "text" };
import exportTrace from "./client/export_trace.js" with { type: "text" };
import faults from "./client/faults.js" with { type: "text" };
import format from "./client/format.js" with { type: "text" };
import icons from "./client/icons.js" with { type: "text" };
import journey from "./client/journey.js" with { type: "text" };
import journeyMap from "./client/journey_map.js" with { type: "text" };
import legs from "./client/legs.js" with { type: "text" };
import lessonNote from "./client/lesson_note.js" with { type: "text" };
import lessonState from "./client/lesson_state.js" with { type: "text" };
import lessons from "./client/lessons.js" with { type: "text" };
import mail from "./client/mail.js" with { type: "text" };
import main from "./client/main.js" with { type: "text" };
import messageServer from "./client/message_server.js" with { type: "text" };
import mystery from "./client/mystery.js" with { type: "text" };
import openTrace from "./client/open_trace.js" with { type: "text" };
import parties from "./client/parties.js" with { type: "text" };
import presenter from "./client/presenter.js" with { type: "text" };
import quietHtml from "./client/quiet_html.js" with { type: "text" };
import replay from "./client/replay.js" with { type: "text" };
import safeHtml from "./client/safe_html.js" with { type: "text" };
import scatter from "./client/scatter.js" with { type: "text" };
import scatterAxes from "./client/scatter_axes.js" with { type: "text" };
import scatterPoints from "./client/scatter_points.js" with { type: "text" };
import serviceMap from "./client/service_map.js" with { type: "text" };
import settings from "./client/settings.js" with { type: "text" };
import shortcuts from "./client/shortcuts.js" with { type: "text" };
import spanDetails from "./client/span_details.js" with { type: "text" };
import state from "./client/state.js" with { type: "text" };
import theme from "./client/theme.js" with { type: "text" };
import timeAxis from "./client/time_axis.js" with { type: "text" };
import tokenDialog from "./client/token_dialog.js" with { type: "text" };
import waterfall from "./client/waterfall.js" with { type: "text" };
import waterfallLegend from "./client/waterfall_legend.js" with { type: "text" };
import waterfallRow from "./client/waterfall_row.js" with { type: "text" };
import waterfallSvg from "./client/waterfall_svg.js" with { type: "text" };

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
  "@playground/shared/waterfall/drawing": drawing,
  "htm": htm,
  "htm/preact": htmPreact,
  "preact": preact,
  "preact/hooks": preactHooks,
};

const MODULES: Readonly<Record<string, string>> = {
  "address.js": address,
  "api.js": api,
  "app.js": app,
  "charts.js": charts,
  "clock.js": clock,
  "compare.js": compare,
  "compose.js": compose,
  "copy_button.js": copyButton,
  "dead_letters.js": deadLetters,
  "email_list.js": emailList,
  "email_state.js": emailState,
  "envelope.js": envelope,
  "event_stream.js": eventStream,
  "explore.js": explore,
  "explore_answer.js": exploreAnswer,
  "explore_bar.js": exploreBar,
  "explore_filter.js": exploreFilter,
  "explore_list.js": exploreList,
  "export_trace.js": exportTrace,
  "faults.js": faults,
  "format.js": format,
  "icons.js": icons,
  "journey.js": journey,
  "journey_map.js": journeyMap,
  "legs.js": legs,
  "lesson_note.js": lessonNote,
  "lesson_state.js": lessonState,
  "lessons.js": lessons,
  "mail.js": mail,
  "main.js": main,
  "message_server.js": messageServer,
  "mystery.js": mystery,
  "open_trace.js": openTrace,
  "parties.js": parties,
  "presenter.js": presenter,
  "quiet_html.js": quietHtml,
  "replay.js": replay,
  "safe_html.js": safeHtml,
  "scatter.js": scatter,
  "scatter_axes.js": scatterAxes,
  "scatter_points.js": scatterPoints,
  "service_map.js": serviceMap,
  "settings.js": settings,
  "shortcuts.js": shortcuts,
  "span_details.js": spanDetails,
  "state.js": state,
  "theme.js": theme,
  "time_axis.js": timeAxis,
  "token_dialog.js": tokenDialog,
  "waterfall.js": waterfall,
  "waterfall_legend.js": waterfallLegend,
  "waterfall_row.js": waterfallRow,
  "waterfall_svg.js": waterfallSvg,
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
  const names = new Set([MAIN_SCRIPT]);
  for (const one of names) {
    for (const [, other = ""] of (MODULES[one] ?? "").matchAll(/\bfrom "\.\/([^"]+)"/g)) {
      names.add(other);
    }
  }
  return names.has(name);
}

/**
 * A module whose imports of libraries are relative addresses: browsers support only inline import maps, which the page's policy
 * forbids. Doc comments, which are a third of it, and source maps are not served.
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
