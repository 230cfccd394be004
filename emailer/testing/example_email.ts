import { EXAMPLE_DOCUMENT } from "@playground/shared/testing";
import type { QueuedEmail } from "../queued_email.ts";

export const EMAIL: QueuedEmail = {
  document: EXAMPLE_DOCUMENT,
  emailId: "0190d6f2-8c1a-7a60-8000-000000000001",
  messageId: "<0190d6f2-8c1a-7a60-8000-000000000001@example.com>",
  date: new Date("2026-11-24T12:34:56.789Z"),
  attempt: 1,
  content: new TextEncoder().encode(JSON.stringify(EXAMPLE_DOCUMENT)),
};
