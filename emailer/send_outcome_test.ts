import { deepEqual } from "node:assert/strict";
import { createReplyCleaner } from "./reply_cleaner.ts";
import { classifySmtpError, type SendOutcome } from "./send_outcome.ts";

const clean = createReplyCleaner({ user: "3f6a81c2d90b57", password: "b7d2e94f10a5c8" });

/** An error as nodemailer throws it for a reply of the server. */
function replyError(response: string, code = "EENVELOPE"): Error {
  const responseCode = Number.parseInt(response, 10);
  return Object.assign(new Error(`Command failed: ${response}`), { code, response, responseCode });
}

/** The replies of a mail server, Mailtrap's among them word for word, and what each means. */
const REPLIES: readonly [response: string, status: SendOutcome["status"], code?: string][] = [
  ["421 4.7.0 Try again later, closing connection", "deferred", "ECONNECTION"],
  ["450 4.2.0 Greylisted", "deferred"],
  ["451 server unavailable", "deferred"],
  ["452 4.2.2 Over quota", "deferred", "EMESSAGE"],
  ["454 4.7.0 Temporary authentication failure", "deferred", "EAUTH"],
  ["454 4.7.0 TLS not available due to temporary reason", "deferred", "ETLS"],
  ["550 5.7.0 Requested action not taken: too many emails per second", "deferred", "EMESSAGE"],
  ["535 5.7.8 Too many connections", "deferred", "EAUTH"],
  ["550 5.1.1 No such user", "rejected"],
  ["552 5.3.4 Error: message too big", "rejected", "EMESSAGE"],
  ["554 5.6.0 Message refused", "rejected", "EMESSAGE"],
  ["554 5.3.2 Not accepting mail, said instead of a greeting", "deferred", "EPROTOCOL"],
  ["535 5.7.0 Invalid login or password", "unusable", "EAUTH"],
  ["535 5.7.0 Monthly messages limit reached", "unusable", "EAUTH"],
  ["550 5.7.0 Monthly message limit reached", "unusable", "EMESSAGE"],
  ["530 5.7.1 Authentication required", "unusable"],
  ["534 5.7.9 Please log in with your web browser", "unusable", "EAUTH"],
  ["502 Command not implemented", "unusable", "ETLS"],
  ["334 and again", "unusable", "EAUTH"],
];

for (const [response, status, code] of REPLIES) {
  Deno.test(`classifySmtpError() calls "${response}" ${status}`, () => {
    deepEqual(classifySmtpError(replyError(response, code), clean), {
      status,
      reason: response,
      replyCode: Number.parseInt(response, 10),
    });
  });
}

/** The errors of a connection, with nodemailer's code and the network's. */
const CONNECTION_ERRORS: readonly [
  status: SendOutcome["status"],
  message: string,
  code?: string,
  originalCode?: string,
][] = [
  ["deferred", "connect ECONNREFUSED 127.0.0.1:25", "ESOCKET", "ECONNREFUSED"],
  ["deferred", "Greeting never received", "ETIMEDOUT"],
  ["deferred", "Connection closed unexpectedly", "ECONNECTION"],
  ["deferred", "Connection closed unexpectedly", "ETLS"],
  ["deferred", "something else"],
  ["unusable", "Invalid login", "ENOAUTH"],
  ["unusable", "certificate not verified", "ESOCKET", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
  ["unusable", "self-signed certificate", "ESOCKET", "DEPTH_ZERO_SELF_SIGNED_CERT"],
  ["unusable", "certificate has expired", "ESOCKET", "CERT_HAS_EXPIRED"],
  ["unusable", "certificate for another name", "ESOCKET", "ERR_TLS_CERT_ALTNAME_INVALID"],
];

for (const [status, message, code, originalCode] of CONNECTION_ERRORS) {
  Deno.test(`classifySmtpError() calls the error "${message}" of ${code} ${status}`, () => {
    const error = Object.assign(new Error(message), { code, originalCode });
    deepEqual(classifySmtpError(error, clean), { status, reason: message, replyCode: undefined });
  });
}

for (
  const error of [
    Object.assign(new Error("getaddrinfo EPERM smtp.example.com"), { code: "EPERM" }),
    new Deno.errors.NotCapable('Requires net access to "192.0.2.1:2525"'),
  ]
) {
  Deno.test(`classifySmtpError() does not blame the mail for ${error.message}`, () => {
    deepEqual(classifySmtpError(error, clean), {
      status: "unusable",
      reason: `SMTP_HOST is not among the addresses this binary was compiled for: ${error.message}`,
    });
  });
}

Deno.test("classifySmtpError() names nobody", () => {
  const { reason } = classifySmtpError(
    replyError("550 5.1.1 <john.doe@example.com>: unknown; ask postmaster@example.org"),
    clean,
  );
  deepEqual(reason, "550 5.1.1 <…@example.com>: unknown; ask …@example.org");
});

for (
  const thrown of ["a string", undefined, null, 42, { code: 1, response: {}, responseCode: "x" }]
) {
  Deno.test(`classifySmtpError() defers when ${Deno.inspect(thrown)} was thrown`, () => {
    deepEqual(classifySmtpError(thrown, clean), {
      status: "deferred",
      reason: String(thrown),
      replyCode: undefined,
    });
  });
}
