import { deepEqual } from "node:assert/strict";
import { createReplyCleaner } from "./reply_cleaner.ts";
import { classifySmtpError } from "./send_outcome.ts";

const clean = createReplyCleaner({ user: "3f6a81c2d90b57", password: "b7d2e94f10a5c8" });

interface Case {
  readonly thrown: unknown;
  readonly reason: string;
  readonly replyCode?: number;
}

/** An error as nodemailer throws it for a reply of the server. */
function reply(response: string, code = "EENVELOPE"): Case {
  const replyCode = Number.parseInt(response, 10);
  const error = new Error(`Command failed: ${response}`);
  const thrown = Object.assign(error, { code, response, responseCode: replyCode });
  return { thrown, reason: response, replyCode };
}

/** An error of a connection, with nodemailer's code and the network's. */
function broken(reason: string, code?: string, originalCode?: string): Case {
  return { thrown: Object.assign(new Error(reason), { code, originalCode }), reason };
}

function denied(error: Error): Case {
  const reason = "SMTP_HOST is not among the addresses this binary was compiled for";
  return { thrown: error, reason: `${reason}: ${error.message}` };
}

/** Mailtrap's replies are among them word for word. */
const CASES: Readonly<Record<"deferred" | "rejected" | "unusable", readonly Case[]>> = {
  deferred: [
    reply("421 4.7.0 Try again later, closing connection", "ECONNECTION"),
    reply("450 4.2.0 Greylisted"),
    reply("451 server unavailable"),
    reply("452 4.2.2 Over quota", "EMESSAGE"),
    reply("454 4.7.0 Temporary authentication failure", "EAUTH"),
    reply("454 4.7.0 TLS not available due to temporary reason", "ETLS"),
    reply("550 5.7.0 Requested action not taken: too many emails per second", "EMESSAGE"),
    reply("535 5.7.8 Too many connections", "EAUTH"),
    reply("554 5.3.2 Not accepting mail, said instead of a greeting", "EPROTOCOL"),
    broken("connect ECONNREFUSED 127.0.0.1:25", "ESOCKET", "ECONNREFUSED"),
    broken("Greeting never received", "ETIMEDOUT"),
    broken("Connection closed unexpectedly", "ECONNECTION"),
    broken("Connection closed unexpectedly", "ETLS"),
    broken("alert: InternalError", "ESOCKET", "ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR"),
    broken("something else"),
    ...["a string", undefined, null, 42, { code: 1, response: {}, responseCode: "x" }].map(
      (thrown) => ({ thrown, reason: String(thrown) }),
    ),
  ],
  rejected: [
    reply("550 5.1.1 No such user"),
    reply("550 4.7.1 Sender refused"),
    reply("552 5.3.4 Error: message too big", "EMESSAGE"),
    reply("554 5.6.0 Message refused", "EMESSAGE"),
    {
      ...reply("550 5.1.1 <john.doe@example.com>: unknown; ask postmaster@example.org"),
      reason: "550 5.1.1 <…@example.com>: unknown; ask …@example.org",
    },
  ],
  unusable: [
    reply("535 5.7.0 Invalid login or password", "EAUTH"),
    reply("535 5.7.0 Monthly messages limit reached", "EAUTH"),
    reply("550 5.7.0 Monthly message limit reached", "EMESSAGE"),
    reply("530 5.7.1 Authentication required"),
    reply("534 5.7.9 Please log in with your web browser", "EAUTH"),
    reply("502 Command not implemented", "ETLS"),
    reply("334 and again", "EAUTH"),
    broken("Invalid login", "ENOAUTH"),
    broken("certificate not verified", "ESOCKET", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"),
    broken("self-signed certificate", "ESOCKET", "DEPTH_ZERO_SELF_SIGNED_CERT"),
    broken("certificate has expired", "ESOCKET", "CERT_HAS_EXPIRED"),
    broken("alert: ProtocolVersion", "ESOCKET", "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION"),
    broken("alert: Insufficient", "ESOCKET", "ERR_SSL_TLSV1_ALERT_INSUFFICIENT_SECURITY"),
    broken("certificate for another name", "ESOCKET", "ERR_TLS_CERT_ALTNAME_INVALID"),
    denied(Object.assign(new Error("getaddrinfo EPERM smtp.example.com"), { code: "EPERM" })),
    denied(new Deno.errors.NotCapable('Requires net access to "192.0.2.1:2525"')),
  ],
};

for (const [status, cases] of Object.entries(CASES)) {
  for (const { thrown, reason, replyCode } of cases) {
    Deno.test(`classifySmtpError() says ${status} for: ${reason}`, () => {
      const outcome = classifySmtpError(thrown, clean);
      deepEqual([outcome.status, outcome.reason, outcome.replyCode], [status, reason, replyCode]);
    });
  }
}
