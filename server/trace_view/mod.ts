/**
 * What is known of emails, read back from the collector. The server keeps no state of its own; whatever it says here, it has
 * from the spans.
 *
 * {@linkcode ZipkinApi} asks the collector; the readers ask it for one trace, joined with those of the polls, or for the recent
 * emails. What becomes of the spans is pure: {@linkcode emailsOf} tells the emails of a trace apart, {@linkcode emailStateOf} tells
 * where one is, {@linkcode toTraceRows} makes the rows of the picture, {@linkcode toDiagram} marks where the email has been.
 * {@linkcode createEmailReader} puts it together.
 *
 * @module
 */
export * from "./diagram.ts";
export * from "./email_reader.ts";
export * from "./email_state.ts";
export * from "./email_summary.ts";
export * from "./email_trace.ts";
export type { EmailsResult } from "./recent_emails.ts";
export * from "./picture.ts";
export * from "./rows.ts";
export * from "./span_reader.ts";
export * from "./trace_id.ts";
export * from "./traced_emails.ts";
export { type CollectorUnavailable, ZipkinApi } from "./zipkin_api.ts";
