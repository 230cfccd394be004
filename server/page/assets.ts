import style from "./page.css" with { type: "text" };
import api from "./client/api.js" with { type: "text" };
import compose from "./client/compose.js" with { type: "text" };
import diagram from "./client/diagram.js" with { type: "text" };
import dom from "./client/dom.js" with { type: "text" };
import emailList from "./client/email_list.js" with { type: "text" };
import emailState from "./client/email_state.js" with { type: "text" };
import eventStream from "./client/event_stream.js" with { type: "text" };
import faults from "./client/faults.js" with { type: "text" };
import format from "./client/format.js" with { type: "text" };
import journey from "./client/journey.js" with { type: "text" };
import mail from "./client/mail.js" with { type: "text" };
import main from "./client/main.js" with { type: "text" };
import quietHtml from "./client/quiet_html.js" with { type: "text" };
import safeHtml from "./client/safe_html.js" with { type: "text" };
import ticker from "./client/ticker.js" with { type: "text" };
import timeAxis from "./client/time_axis.js" with { type: "text" };
import tokenDialog from "./client/token_dialog.js" with { type: "text" };
import waterfall from "./client/waterfall.js" with { type: "text" };
import waterfallRow from "./client/waterfall_row.js" with { type: "text" };

export interface Asset {
  /** Its name below `/page/`. */
  readonly name: string;
  readonly contentType: "text/css" | "text/javascript";
  readonly text: string;
}

export const MAIN_SCRIPT = "main.js";

export const STYLE_SHEET = "page.css";

const MODULES: Readonly<Record<string, string>> = {
  "api.js": api,
  "compose.js": compose,
  "diagram.js": diagram,
  "dom.js": dom,
  "email_list.js": emailList,
  "email_state.js": emailState,
  "event_stream.js": eventStream,
  "faults.js": faults,
  "format.js": format,
  "journey.js": journey,
  "mail.js": mail,
  "main.js": main,
  "quiet_html.js": quietHtml,
  "safe_html.js": safeHtml,
  "ticker.js": ticker,
  "time_axis.js": timeAxis,
  "token_dialog.js": tokenDialog,
  "waterfall.js": waterfall,
  "waterfall_row.js": waterfallRow,
};

export const ASSETS: readonly Asset[] = [
  { name: STYLE_SHEET, contentType: "text/css", text: style },
  ...Object.entries(MODULES).map(([name, text]) => ({
    name,
    contentType: "text/javascript" as const,
    text,
  })),
];
