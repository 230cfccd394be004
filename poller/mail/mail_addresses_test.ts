import { deepEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import { mailAddresses } from "./mail_addresses.ts";

/** Address, then name. */
type Expected = readonly [address: string, name?: string];

const LISTS: readonly (readonly [value: string, ...expected: readonly Expected[]])[] = [
  ["ann@example.org", ["ann@example.org"]],
  ["Ann Lee <ann@example.org>", ["ann@example.org", "Ann Lee"]],
  ["<ann@example.org>", ["ann@example.org"]],
  ["Ann <ann@example.org>, bob@example.org", ["ann@example.org", "Ann"], ["bob@example.org"]],
  // The examples of RFC 5322, appendix A.
  [
    "Joe Q. Public <john.q.public@example.com>",
    ["john.q.public@example.com", "Joe Q. Public"],
  ],
  [
    "Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>",
    ["mary@x.test", "Mary Smith"],
    ["jdoe@example.org"],
    ["one@y.test", "Who?"],
  ],
  [
    '<boss@nil.test>, "Giant; \\"Big\\" Box" <sysservices@example.net>',
    ["boss@nil.test"],
    ["sysservices@example.net", 'Giant; "Big" Box'],
  ],
  [
    "A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;",
    ["c@a.test", "Ed Jones"],
    ["joe@where.test"],
    ["jdoe@one.test", "John"],
  ],
  ["Undisclosed recipients:;"],
  [
    "Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>",
    ["pete@silly.test", "Pete"],
  ],
  [
    "A Group(Some people)\r\n :Chris Jones <c@(Chris's host.)public.example>,\r\n joe@example.org,\r\n  John <jdoe@one.test> (my dear friend); (the end of the group)",
    ["c@public.example", "Chris Jones"],
    ["joe@example.org"],
    ["jdoe@one.test", "John"],
  ],
  ["(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;"],
  [
    "Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example",
    ["mary@example.net", "Mary Smith"],
    ["jdoe@test.example"],
  ],
  ["John Doe <jdoe@machine(comment).  example>", ["jdoe@machine.example", "John Doe"]],
  // Routes.
  ["<@relay.example,@two.example:ann@example.org>", ["ann@example.org"]],
  ["Ann <@a.example,,@b.example:ann@example.org>, b@c.example", ["ann@example.org", "Ann"], [
    "b@c.example",
  ]],
  // A comment is the name where there is no other.
  ["ann@example.org (Ann (the first) Lee)", ["ann@example.org", "Ann (the first) Lee"]],
  ["<ann@example.org> (Ann)", ["ann@example.org", "Ann"]],
  ["ann@example.org (=?utf-8?Q?Gr=C3=BC=C3=9Fe?=)", ["ann@example.org", "Grüße"]],
  ["Ann (bob@evil.example) <ann@example.org>", ["ann@example.org", "Ann"]],
  // Quoted local parts keep their quotes where they need them.
  ['"john doe"@example.org', ['"john doe"@example.org']],
  ['J <"john..doe"@example.org>', ['"john..doe"@example.org', "J"]],
  ['"a@b"@example.org', ['"a@b"@example.org']],
  ['"a\\"b"@example.org', ['"a\\"b"@example.org']],
  ['"john.doe"@example.org', ["john.doe@example.org"]],
  ['""@example.org', ['""@example.org']],
  // Names.
  ['"Lee, Ann" <ann@example.org>', ["ann@example.org", "Lee, Ann"]],
  ['"Joe \\"Q\\" Public" <john@example.com>', ["john@example.com", 'Joe "Q" Public']],
  ['"bob@example.org" <ann@example.org>', ["ann@example.org", "bob@example.org"]],
  ['"ann@example.org" <ann@example.org>', ["ann@example.org"]],
  ["bob@example.org <ann@example.org>", ["ann@example.org", "bob@example.org"]],
  ["=?utf-8?Q?Gr=C3=BC=C3=9Fe=2C_Inc?= <g@example.org>", ["g@example.org", "Grüße, Inc"]],
  ["=?utf-8?Q?=C3=BC?= =?utf-8?Q?=C3=9F?= <g@example.org>", ["g@example.org", "üß"]],
  ["=?utf-8?Q?a=40b_=3Cevil=40x=3E?= <g@example.org>", ["g@example.org", "a@b <evil@x>"]],
  ['"Fölker Börnitt" <folker@example.org>', ["folker@example.org", "Fölker Börnitt"]],
  ["Jürgen <jürgen@exämple.org>", ["jürgen@exämple.org", "Jürgen"]],
  ["HerzlicheGlückwünsche", ["", "HerzlicheGlückwünsche"]],
  // What is wrong, and nevertheless plain.
  ["Ann ann@example.org", ["ann@example.org", "Ann"]],
  ["Ann <ann@example.org, Bob <bob@example.org>", ["ann@example.org", "Ann"], [
    "bob@example.org",
    "Bob",
  ]],
  ["a@b.example; c@d.example", ["a@b.example"], ["c@d.example"]],
  ["<ann@[192.0.2.1]>", ["ann@[192.0.2.1]"]],
  ["<ann @ example . org>", ["ann@example.org"]],
  ["Ann [Sales] <ann@example.org>", ["ann@example.org", "Ann [Sales]"]],
  ["<>"],
  [""],
];

for (const [value, ...expected] of LISTS) {
  Deno.test(`mailAddresses() reads ${JSON.stringify(value)}`, () => {
    deepEqual(
      mailAddresses(value),
      expected.map(([address, name = ""]) => ({ address, name })),
    );
  });
}

Deno.test("mailAddresses() never throws", () => {
  const piece = fc.oneof(
    fc.constantFrom("<", ">", "@", ",", ";", ":", '"', "(", ")", "[", "]", "\\", " ", ".", "a"),
    fc.string({ unit: "binary", maxLength: 3 }),
  );
  fc.assert(fc.property(fc.array(piece), (pieces) => {
    ok(mailAddresses(pieces.join("")).every(({ address, name }) => `${address}${name}` !== ""));
  }));
});
