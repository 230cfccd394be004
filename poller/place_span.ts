import type { TraceThroughSmtp } from "@playground/shared/configuration";
import {
  baggageTags,
  isUnsampled,
  linkTo,
  type SpanOptions,
  type Tags,
} from "@playground/shared/tracing";
import type { MailOrigin } from "./mail/mod.ts";

/**
 * The place of a step's span for one mail: in the poll's trace with a link to the email's (`link`), or in the email's trace
 * itself (`join`); nowhere, if the email is not sampled.
 */
export function placeSpan(
  mode: TraceThroughSmtp,
  origin: MailOrigin | undefined,
): Pick<SpanOptions, "parent" | "links"> & { readonly attributes: Tags } | undefined {
  if (origin === undefined || mode === "off") return { attributes: {} };
  const { context, spanContext } = origin;
  if (isUnsampled(context)) return undefined;
  const { links, attributes } = linkTo(spanContext);
  return mode === "join"
    ? { parent: context, attributes }
    : { links, attributes: { ...baggageTags(context), ...attributes } };
}
