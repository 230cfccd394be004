/**
 * How the project's pages look: the page of the message server, and those of the stand-ins. Each page adds what it has alone.
 *
 * @module
 */
import css from "./design.css" with { type: "text" };

/** The colours, spaces, sizes and the few elements that all pages have in common, as CSS. */
export const DESIGN: string = css;
