/**
 * The state of emails, read from the collector. The server keeps no state of its own; everything here is derived from spans.
 *
 * {@linkcode ZipkinApi} asks the collector; the readers ask it for one trace, joined with those of the polls, or for the recent
 * emails. The rest is pure: {@linkcode emailsOf} separates the emails of a trace, {@linkcode emailStateOf} derives the state of
 * one, {@linkcode toTraceRows} makes the rows of the picture, {@linkcode toDiagram} marks where the email has been. {@linkcode
 * createEmailReader} combines them.
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
export * from "./trace_comparison.ts";
export * from "./trace_file.ts";
export * from "./trace_id.js";
export * from "./traced_emails.ts";
export * from "./zipkin_api.ts";
