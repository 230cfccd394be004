import { equal, ok } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { domainOf } from "@playground/shared/email";
import { threadMs } from "@playground/shared/testing";
import { MAX_FOREIGN_TEXT_LENGTH } from "@playground/shared/text";
import fc from "fast-check";
import { createReplyCleaner } from "./reply_cleaner.ts";

const USER = "3f6a81c2d90b57";
const PASSWORD = "s3cret/+pass";
const clean = createReplyCleaner({ user: USER, password: PASSWORD });
const base64 = (text: string) => Buffer.from(text).toString("base64");

Deno.test.each([
  ["AUTH PLAIN", `AUTH PLAIN ${base64(`\0${USER}\0${PASSWORD}`)}`],
  ["AUTH PLAIN in capitals", `AUTH PLAIN ${base64(`\0${USER}\0${PASSWORD}`).toUpperCase()}`],
  ["AUTH PLAIN cut short", `AUTH PLAIN ${base64(`\0${USER}\0${PASSWORD}`).slice(0, 30)}`],
  ["AUTH PLAIN folded", base64(`\0${USER}\0${PASSWORD}`).replace(/^(.{20})(.*)$/, "$1\n500 $2")],
  ["the first line of AUTH LOGIN", base64(USER)],
  ["the second line of AUTH LOGIN", base64(PASSWORD)],
  ["the second line of AUTH LOGIN without its end", base64(PASSWORD).replace(/=+$/, "")],
  ["the user", `<${USER}>`],
  ["the password", `"${PASSWORD}"`],
  ["both in one word", `${USER}${PASSWORD}`],
])("a cleaned reply contains no credentials (%s)", (what, echo) => {
  const cleaned = clean(`500 5.5.2 Cannot read ${echo}, sorry`);
  ok(cleaned.startsWith("500 5.5.2 Cannot read ") || what.includes("folded"), cleaned);
  ok(cleaned.endsWith(", sorry"), cleaned);
  for (const secret of [USER, PASSWORD, base64(USER), base64(PASSWORD)]) {
    for (let start = 0; start + 8 <= secret.length; start++) {
      const part = secret.slice(start, start + 8).toLowerCase();
      ok(!cleaned.toLowerCase().includes(part), `${cleaned} has ${part}`);
    }
  }
  const line = base64(`\0${USER}\0${PASSWORD}`).toLowerCase();
  ok(!cleaned.toLowerCase().includes(line.slice(-10, -2)), cleaned);
});

Deno.test("a cleaned reply contains no credentials, however short they are", () => {
  const cleanShort = createReplyCleaner({ user: "me", password: "1" });
  equal(cleanShort("535 5.7.1 me, not 1: some men"), "535 5.7.… …, not …: some men");
  equal(cleanShort(`535 ${base64("\0me\x001")}`), "535 …=");
});

Deno.test("a cleaned reply keeps the words that servers use anyway", () => {
  const cleanUsual = createReplyCleaner({ user: "user", password: "password" });
  equal(
    cleanUsual(`535 Invalid user or password: ${base64("\0user\0password")}`),
    "535 Invalid user or password: …",
  );
});

Deno.test("a cleaned reply leaves out credentials of any characters", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 6 }), fc.string({ minLength: 6 }), (user, password) => {
      const cleaned = createReplyCleaner({ user, password })(`535 a${user}b`);
      ok(!cleaned.includes(user), cleaned);
    }),
  );
});

Deno.test.each([
  // The mailbox of RCPT.
  ["john.doe@example.com", "550 john.doe: unknown", "550 …: unknown"],
  ["j@example.com", "550 <J@Example.COM> unknown", "550 <…@Example.COM> unknown"],
  ["john+news@example.com", "550 mailbox john is full", "550 mailbox … is full"],
  ["john+news@example.com", "550 mailbox john+news is full", "550 mailbox … is full"],
  ["info@example.com", "550 info about information", "550 … about information"],
  ["550@example.com", "550 no user 550", "550 no user …"],
  // Mailboxes of others.
  ["you@example.com", "550 <bob@example.com> is unknown", "550 <…@example.com> is unknown"],
  ["you@example.com", "relay bob@a.example,carol+x@b.example", "relay …@a.example,…@b.example"],
  ["you@example.com", "550 o'brien@example.com: 'no'", "550 …@example.com: 'no'"],
  ["you@example.com", '550 "bob the builder"@example.com', "550 …@example.com"],
  ["you@example.com", "550 no address here, @alone", "550 no address here, @alone"],
  ["you@example.com", "", ""],
])("a cleaned reply to RCPT %s names nobody: %s", (address, reply, expected) => {
  equal(clean(reply, { from: "me@example.com", to: [address] }), expected);
});

Deno.test("a cleaned reply has no local part of any address", () => {
  fc.assert(fc.property(fc.emailAddress(), (address) => {
    const named = `…@${domainOf(address)}`;
    equal(
      clean(`550 <${address}> (${address}), ${address}`),
      `550 <${named}> (${named}), ${named}`,
    );
  }));
});

Deno.test("a reply is cleaned in time proportional to its length", () => {
  const startedAt = threadMs();
  // Short enough to end even in quadratic time.
  clean("x".repeat(100_000) + '"'.repeat(100_000));
  ok(threadMs() - startedAt < 1_000);
});

Deno.test("a cleaned reply is cut only after it is cleaned", () => {
  const cleaned = clean(`550 ${"x".repeat(MAX_FOREIGN_TEXT_LENGTH - 12)}${PASSWORD}`);
  ok(cleaned.length <= MAX_FOREIGN_TEXT_LENGTH);
  ok(!cleaned.includes(PASSWORD.slice(0, 4)), cleaned);
});
