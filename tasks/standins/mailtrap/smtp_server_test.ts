import { equal } from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import { Faults } from "../faults/registry.ts";
import { LOOPBACK } from "../listen.ts";
import { SqliteStore } from "../sqlite.ts";
import { CREDENTIAL } from "./api_styles.ts";
import { CERTIFICATES_SCHEMA, loadCertificates } from "./certificates.ts";
import { SmtpServer } from "./smtp_server.ts";
import { bytes } from "./testing/mailtrap_client.ts";
import { SmtpDialogue } from "./testing/smtp_dialogue.ts";

for (
  const [what, settle, reply] of [
    ["250 only once the mail is stored", () => Promise.resolve(), "250 2.0.0 Ok: queued"],
    [
      "451 to a mail that cannot be stored",
      () => Promise.reject(new Error("The disk is full")),
      "451 4.3.0 Error: the message could not be stored",
    ],
  ] as const
) {
  integrationTest(`SmtpServer answers ${what}`, async () => {
    using database = new SqliteStore("mailtrap", undefined, CERTIFICATES_SCHEMA);
    const certificates = loadCertificates(database);
    let isStored = false;
    await using server = new SmtpServer({
      maxMessageSizeBytes: 1_000,
      certificates,
      async store() {
        // Much longer than an answer takes.
        await new Promise((resolve) => setTimeout(resolve, 50));
        isStored = true;
        await settle();
      },
      faults: new Faults(),
    });
    const variables = {
      SMTP_HOST: LOOPBACK,
      SMTP_PORT: String(await server.listen(LOOPBACK, 0)),
      SMTP_CA: certificates.caPem,
      MAILTRAP_USER: CREDENTIAL,
      MAILTRAP_PASSWORD: CREDENTIAL,
    };
    using dialogue = await SmtpDialogue.logIn({ variables });
    equal((await dialogue.sendMail(bytes("Subject: x\r\n\r\n"))).trim(), reply);
    equal(isStored, true);
  });
}
