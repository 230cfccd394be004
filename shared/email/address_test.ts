import { deepEqual, equal, ok } from "node:assert/strict";
import * as fc from "fast-check";
import { threadMs } from "../testing/thread_time.ts";
import { ADDRESS_PATTERN, domainOf, MAX_ADDRESS_OCTETS, parseAddress } from "./address.ts";

const pattern = new RegExp(ADDRESS_PATTERN, "u");

/** RFC 5322 section 3.2.3. */
const ATEXT = "!#$%&'*+-/=?^_`{|}~aZ09";

const asTheyAre: readonly string[] = [
  ...Array.from(ATEXT, (character) => `${character}@example.com`),
  ...Array.from(ATEXT, (character) => `a.${character}b.c${character}@example.com`),
  "user&user@company.example",
  "#1fan@example.com",
  "o'@example.com",
  "SRS0=mLwe=5P=example.org=test@forward.example",
  "SRS1=F00/=relay.example==HH+=TT=example.org=user@forward.example",
  "bounce-12+user=example.org@lists.example",
  "prvs=1234abcdef=user@example.com",
  `${"v".repeat(65)}@example.com`,
  "user@xn--80ak6aa92e.xn--p1ai",
  "user@EXAMPLE.Com",
  "user@a.b.c.d.example",
  "user@1st.example",
  "user@example.c0m",
  "user@r3---sn-x.example",
  `user@${"a".repeat(63)}.${"b".repeat(63)}`,
  "用户@example.com",
  "josé@example.com",
  "jose\u0301.δοκιμή@example.com",
  "👩\u200d💻@example.com",
  `${"ü".repeat(121)}@example.com`,
];
const mapped: readonly [address: string, expected: string][] = [
  ["user@例子.example", "user@xn--fsqu00a.example"],
  ["user@MÜNCHEN.de", "user@xn--mnchen-3ya.de"],
  ["user@straße.de", "user@xn--strae-oqa.de"],
  ["user@mu\u0308nchen.de", "user@xn--mnchen-3ya.de"],
  ["user@XN--MNCHEN-3YA.DE", "user@xn--mnchen-3ya.de"],
  ["user@почта.рф", "user@xn--80a1acny.xn--p1ai"],
  ["user@例子。example", "user@xn--fsqu00a.example"],
  ["user@ｅｘａｍｐｌｅ.com", "user@example.com"],
  [`user@${"ü".repeat(57)}.de`, `user@xn--td${"a".repeat(57)}.de`],
  ["用户@例子.example", "用户@xn--fsqu00a.example"],
];
for (const [address, expected = address] of [...asTheyAre.map((as) => [as] as const), ...mapped]) {
  Deno.test(`parseAddress() makes ${expected.slice(0, 80)} of ${address.slice(0, 80)}`, () => {
    deepEqual(parseAddress(address), { ok: true, address: expected });
    ok(pattern.test(address));
  });
}

const refused: readonly string[] = [
  "",
  "user",
  "@example.com",
  "user@",
  "user@example.com\n",
  "user@example.com\r\nBcc: x@example.net",
  "user\0@example.com",
  "user@example.com, b@example.com",
  "User <user@example.com>",
  "a b@example.com",
  "(a)user@example.com",
  "a;b@example.com",
  "a\\b@example.com",
  ".user@example.com",
  "user.@example.com",
  "us..er@example.com",
  "a@b@example.com",
  '"a b"@example.com',
  '"user"@example.com',
  "user@[127.0.0.1]",
  "user@[IPv6:::1]",
  "user@127.0.0.1",
  "user@localhost",
  "user@example.com.",
  "user@.example.com",
  "user@a..example",
  "user@abc-.example",
  "user@-abc.example",
  "user@example.com-",
  "user@ü-.example",
  "user@-ü.example",
  "user@a_b.example",
  "user@a%b.example",
  "user@ex ample.com",
  `user@${"a".repeat(64)}.example`,
  `user@${"ü".repeat(64)}.example`,
  "us\u0085er@example.com",
  "us\u2028er@example.com",
  "us\u200ber@example.com",
  "us\u3000er@example.com",
];
for (const address of refused) {
  Deno.test(`parseAddress() refuses ${JSON.stringify(address).slice(0, 80)}`, () => {
    equal(parseAddress(address).ok, false);
    ok(!pattern.test(address));
  });
}

const refusedBeyondThePattern: Readonly<Record<string, string>> = {
  "half of a surrogate pair": "\ud800@example.com",
  "Punycode that is none": "user@xn--a.example",
  "an A-label of nothing": "user@xn--.example",
  "a label that is too long as A-label": `user@${"ü".repeat(59)}.example`,
  "hyphens in the third and fourth place": "user@ab--ü.example",
  "a hyphen at the end of what an A-label stands for": "user@xn----pfa.example",
  "a hyphen that becomes the first character": "user@\u00ad-ü.example",
  "a joiner on its own": "user@a\u200db.example",
  "both directions in a label": "user@אa.example",
  "a combining mark at the beginning": "user@\u0300a.example",
  "what becomes brackets": "user@⑴.example",
  "what becomes a slash": "user@℀.example",
  "a top-level domain that becomes a number": "user@例子.１２",
  "no character at all": "user@\ufdd0.example",
};
for (const [name, address] of Object.entries(refusedBeyondThePattern)) {
  Deno.test(`parseAddress() refuses ${name}`, () => {
    equal(parseAddress(address).ok, false);
  });
}

Deno.test("parseAddress() counts the octets of what is sent", () => {
  const longest = `${"ü".repeat((MAX_ADDRESS_OCTETS - 12) / 2)}@example.com`;
  equal(parseAddress(longest).ok, true);
  equal(parseAddress(`a${longest}`).ok, false);
  const growing = (labels: number) => `u@${"ü.".repeat(labels)}example`;
  equal(parseAddress(growing(30)).ok, true);
  equal(parseAddress(growing(40)).ok, false);
});

Deno.test("parseAddress() does not change its own result", () => {
  const label = fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 });
  fc.assert(fc.property(label, label, (local, domain) => {
    const result = parseAddress(`${local}@${domain}.example`);
    if (result.ok) deepEqual(parseAddress(result.address), result);
  }));
});

Deno.test("parseAddress() takes time proportional to the text", () => {
  const startedAt = threadMs();
  for (const text of ["a".repeat(1e6), `a@${"b.".repeat(1e5)}`, `a@${"b-".repeat(126)}`]) {
    parseAddress(text);
  }
  ok(threadMs() - startedAt < 1_000);
});

Deno.test("domainOf() is what follows the last @", () => {
  equal(domainOf("alice@example.com"), "example.com");
  equal(domainOf('"a@b"@example.com'), "example.com");
});
