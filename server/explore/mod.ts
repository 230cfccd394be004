/**
 * All emails that the collector holds, selected by a filter: as a list, as points, as a map of the services and as charts.
 *
 * {@linkcode CollectorIndex} reads the collector's traces in slices and keeps facts about the newest: {@linkcode traceFactsOf}.
 * {@linkcode Explorer} answers from them. The rest is pure: {@linkcode filterQuery} reads a filter, {@linkcode serviceMapOf} and
 * {@linkcode chartsOf} describe the emails that match.
 *
 * @module
 */
export * from "./answers.ts";
export { type ExploredEmails, Explorer } from "./explorer.ts";
export * from "./explore_routes.ts";
export { type EmailFilter, filterQuery, pageQuery, STATE_NAMES } from "./filter.ts";
