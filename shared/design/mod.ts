/**
 * The shared design of the message server's page and the stand-ins' pages. Each page adds its own rules.
 *
 * ```ts
 * import { DESIGN } from "@playground/shared/design";
 *
 * const style = new Response(DESIGN, { headers: { "Content-Type": "text/css; charset=utf-8" } });
 * console.log(style.ok);
 * ```
 *
 * @module
 */
import css from "./design.css" with { type: "text" };

/** The colours, spaces, sizes and the few elements that all pages have in common, as CSS. */
export const DESIGN: string = css;
