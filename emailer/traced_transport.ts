import { SpanKind } from "@opentelemetry/api";
import { attribute, markFailed, setTags, type Tracing } from "@playground/shared/tracing";
import type { EmailerConfiguration } from "./configuration.ts";
import type { MailTransport } from "./smtp_transport.ts";

/** Puts the `send-email` span around each attempt: from before the connection to the reply to the data. */
export function tracedTransport(
  transport: MailTransport,
  tracing: Tracing,
  { SMTP_HOST: host, SMTP_PORT: port, SMTP_TLS }: EmailerConfiguration,
): MailTransport {
  return {
    send: (mail, signal) =>
      tracing.inSpan("send-email", {
        kind: SpanKind.CLIENT,
        attributes: {
          [attribute.peerService]: "mailtrap",
          [attribute.peerHostname]: host,
          [attribute.serverAddress]: host,
          [attribute.serverPort]: port,
          [attribute.networkProtocolName]: "smtp",
          [attribute.smtpServer]: host,
          [attribute.smtpPort]: port,
          [attribute.smtpTls]: SMTP_TLS !== "none",
          [attribute.smtpPayloadSize]: mail.raw.length,
        },
      }, async (span) => {
        const outcome = await transport.send(mail, signal);
        setTags(span, { [attribute.smtpReplyCode]: outcome.replyCode });
        if (outcome.status !== "accepted") {
          const { reason, replyCode } = outcome;
          markFailed(span, { reason, type: String(replyCode ?? "no-reply") });
        }
        return outcome;
      }),
  };
}
