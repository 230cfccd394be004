/**
 * The texts of the page's modules, by name.
 *
 * @module
 */
export { default as "address.js" } from "./address.js" with { type: "text" };
export { default as "api.js" } from "./api.js" with { type: "text" };
export { default as "app.js" } from "./app.js" with { type: "text" };
export { default as "charts.js" } from "./charts.js" with { type: "text" };
export { default as "clock.js" } from "./clock.js" with { type: "text" };
export { default as "compare.js" } from "./compare.js" with { type: "text" };
export { default as "compose.js" } from "./compose.js" with { type: "text" };
export { default as "copy_button.js" } from "./copy_button.js" with { type: "text" };
export { default as "dead_letters.js" } from "./dead_letters.js" with { type: "text" };
export { default as "email_list.js" } from "./email_list.js" with { type: "text" };
export { default as "email_state.js" } from "./email_state.js" with { type: "text" };
export { default as "envelope.js" } from "./envelope.js" with { type: "text" };
export { default as "event_stream.js" } from "./event_stream.js" with { type: "text" };
export { default as "explore.js" } from "./explore.js" with { type: "text" };
export { default as "explore_answer.js" } from "./explore_answer.js" with { type: "text" };
export { default as "explore_bar.js" } from "./explore_bar.js" with { type: "text" };
export { default as "explore_filter.js" } from "./explore_filter.js" with { type: "text" };
export { default as "explore_list.js" } from "./explore_list.js" with { type: "text" };
export { default as "export_trace.js" } from "./export_trace.js" with { type: "text" };
export { default as "faults.js" } from "./faults.js" with { type: "text" };
export { default as "format.js" } from "./format.js" with { type: "text" };
export { default as "icons.js" } from "./icons.js" with { type: "text" };
export { default as "journey.js" } from "./journey.js" with { type: "text" };
export { default as "journey_map.js" } from "./journey_map.js" with { type: "text" };
export { default as "legs.js" } from "./legs.js" with { type: "text" };
export { default as "lesson_note.js" } from "./lesson_note.js" with { type: "text" };
export { default as "lesson_state.js" } from "./lesson_state.js" with { type: "text" };
export { default as "lessons.js" } from "./lessons.js" with { type: "text" };
export { default as "mail.js" } from "./mail.js" with { type: "text" };
export { default as "main.js" } from "./main.js" with { type: "text" };
export { default as "message_server.js" } from "./message_server.js" with { type: "text" };
export { default as "mystery.js" } from "./mystery.js" with { type: "text" };
export { default as "open_trace.js" } from "./open_trace.js" with { type: "text" };
export { default as "parties.js" } from "./parties.js" with { type: "text" };
export { default as "presenter.js" } from "./presenter.js" with { type: "text" };
export { default as "quiet_html.js" } from "./quiet_html.js" with { type: "text" };
export { default as "replay.js" } from "./replay.js" with { type: "text" };
export { default as "safe_html.js" } from "./safe_html.js" with { type: "text" };
export { default as "scatter.js" } from "./scatter.js" with { type: "text" };
export { default as "scatter_axes.js" } from "./scatter_axes.js" with { type: "text" };
export { default as "scatter_points.js" } from "./scatter_points.js" with { type: "text" };
export { default as "service_map.js" } from "./service_map.js" with { type: "text" };
export { default as "settings.js" } from "./settings.js" with { type: "text" };
export { default as "shortcuts.js" } from "./shortcuts.js" with { type: "text" };
export { default as "span_details.js" } from "./span_details.js" with { type: "text" };
export { default as "state.js" } from "./state.js" with { type: "text" };
export { default as "theme.js" } from "./theme.js" with { type: "text" };
export { default as "time_axis.js" } from "./time_axis.js" with { type: "text" };
export { default as "token_dialog.js" } from "./token_dialog.js" with { type: "text" };
export { default as "waterfall.js" } from "./waterfall.js" with { type: "text" };
export { default as "waterfall_legend.js" } from "./waterfall_legend.js" with { type: "text" };
export { default as "waterfall_row.js" } from "./waterfall_row.js" with { type: "text" };
export { default as "waterfall_svg.js" } from "./waterfall_svg.js" with { type: "text" };
