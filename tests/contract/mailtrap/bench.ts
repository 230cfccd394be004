/**
 * What the emailer and the poller rely on in Mailtrap. The suite sees its target through {@linkcode Mailtrap} only, addresses
 * and credentials; there is no Mailtrap to be had in tests, so the stand-in is the only target.
 *
 * {@linkcode smtpTest} and {@linkcode apiTest} register a test.
 *
 * @module
 */
import { integrationTest } from "@playground/shared/testing";
import { type Mailtrap, startMailtrap } from "../../../tasks/standins/mailtrap/mod.ts";

/** The largest mail that the target takes. */
export const MAX_MESSAGE_SIZE_BYTES = 2 * 1024 * 1024;

/** Registers a test of the mail server. */
export const smtpTest = (behaviour: string, run: (mailtrap: Mailtrap) => Promise<void>) =>
  contractTest(`SMTP ${behaviour}`, run);

/** Registers a test of the API. */
export const apiTest = (behaviour: string, run: (mailtrap: Mailtrap) => Promise<void>) =>
  contractTest(`API ${behaviour}`, run);

function contractTest(behaviour: string, run: (mailtrap: Mailtrap) => Promise<void>): void {
  integrationTest(`Mailtrap (stand-in): ${behaviour}`, async () => {
    await using mailtrap = await startMailtrap({
      smtpPort: 0,
      apiPort: 0,
      maxMessageSizeBytes: MAX_MESSAGE_SIZE_BYTES,
    });
    await run(mailtrap);
  });
}
