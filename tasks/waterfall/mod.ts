/**
 * Draws traces as waterfalls for a terminal: {@linkcode drawWaterfall} takes records as Zipkin's API has them and the layout that
 * `@playground/shared/waterfall` makes of them. Everything here is pure.
 *
 * @module
 */
export { drawWaterfall } from "./draw.ts";
export type { DrawOptions } from "./draw.ts";
