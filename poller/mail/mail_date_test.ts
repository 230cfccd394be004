import { deepEqual, equal } from "node:assert/strict";
import { integrationTest, runDeno } from "@playground/shared/testing";
import { mailDate } from "./mail_date.ts";

/** Dates and what they are in UTC; null where they are not dates. */
const DATES = [
  ["Mon, 3 Nov 2025 18:23:00 +0100", "2025-11-03T17:23:00.000Z"],
  ["3 Nov 2025 18:23 -0330", "2025-11-03T21:53:00.000Z"],
  ["Mon,3 Nov 2025 18:23:00 +0000", "2025-11-03T18:23:00.000Z"],
  ["mon, 03 nov 2025 08:03:09 gmt", "2025-11-03T08:03:09.000Z"],
  ["Mon, 3 Nov 2025 18:23:00 +0100 (CET)", "2025-11-03T17:23:00.000Z"],
  ["Fri, 21 Nov 1997 09(comment):   55  :  06 -0600", "1997-11-21T15:55:06.000Z"],
  [
    "(a (nested \\) one)) Fri (b), 21 (c) Nov (d) 1997 (e) 09:55:06 (f) -0600 (g)",
    "1997-11-21T15:55:06.000Z",
  ],
  ["21 Nov 97 09:55:06 GMT", "1997-11-21T09:55:06.000Z"],
  ["21 Nov 49 09:55:06 GMT", "2049-11-21T09:55:06.000Z"],
  ["21 Nov 50 09:55:06 GMT", "1950-11-21T09:55:06.000Z"],
  ["21 Nov 103 09:55:06 GMT", "2003-11-21T09:55:06.000Z"],
  ["29 Feb 2024 00:00:00 UT", "2024-02-29T00:00:00.000Z"],
  ["31 Dec 2008 23:59:60 +0000", "2009-01-01T00:00:00.000Z"],
  ["31 Dec 2008 18:59:60 EST", "2009-01-01T00:00:00.000Z"],
  // No zone.
  ["Tue, 24 Jul 2007 18:55:07", "2007-07-24T18:55:07.000Z"],
  ["Tue, 24 Jul 2007 18:55:07 -0000", "2007-07-24T18:55:07.000Z"],
  // The zones of RFC 822. A single letter is UTC, since RFC 822 had the signs wrong; so is an unknown zone.
  ["3 Nov 2025 18:23:00 EST", "2025-11-03T23:23:00.000Z"],
  ["3 Nov 2025 18:23:00 EDT", "2025-11-03T22:23:00.000Z"],
  ["3 Nov 2025 18:23:00 CST", "2025-11-04T00:23:00.000Z"],
  ["3 Nov 2025 18:23:00 CDT", "2025-11-03T23:23:00.000Z"],
  ["3 Nov 2025 18:23:00 MST", "2025-11-04T01:23:00.000Z"],
  ["3 Nov 2025 18:23:00 MDT", "2025-11-04T00:23:00.000Z"],
  ["3 Nov 2025 18:23:00 PST", "2025-11-04T02:23:00.000Z"],
  ["3 Nov 2025 18:23:00 pdt", "2025-11-04T01:23:00.000Z"],
  ["3 Nov 2025 18:23:00 Z", "2025-11-03T18:23:00.000Z"],
  ["Mon, 3 Nov 2025 18:23:00 A", "2025-11-03T18:23:00.000Z"],
  ["3 Nov 2025 18:23:00 CEST", "2025-11-03T18:23:00.000Z"],
  // No such day or time.
  ["Fri, 30 Feb 2025 10:00:00 +0000", null],
  ["0 Nov 2025 10:00:00 +0000", null],
  ["3 Nov 2025 24:00:00 +0000", null],
  ["3 Nov 2025 10:60:00 +0000", null],
  ["3 Nov 2025 10:00:60 +0000", null],
  ["3 Nov 2025 10:00:00 +0060", null],
  ["3 Nov 1025 10:00:00 +0000", null],
  ["31 Dec 9999 23:59:59 +0000", "9999-12-31T23:59:59.000Z"],
  ["31 Dec 9999 23:59:59 -0001", null],
  ["3 Nov 20250 10:00:00 +0000", null],
  ["13 Sep 275760 00:00:00 -0100", null],
  // No such form.
  ["", null],
  ["Week 12", null],
  ["3 Nov", null],
  ["1762194180", null],
  ["2025-11-03T18:23:00Z", null],
  ["Nov 3 2025 18:23:00 +0000", null],
  ["3 November 2025 18:23:00 +0000", null],
  ["Foo, 3 Nov 2025 18:23:00 +0000", null],
  ["3 Nov 2025 18:23:00 J", null],
  ["3 Nov 2025 18:23:00 +01:00", null],
  ["3 Nov 2025 18:23:00 GMT+0100", null],
  ["3 Nov 2025 18:23:00 +0000 or so", null],
  ["3 Nov 2025 18:23:00 PM", null],
] as const;

Deno.test.each(DATES)("mailDate() reads %j as %s", (value, expected) => {
  equal(mailDate(value)?.toISOString() ?? null, expected);
});

integrationTest("mailDate() reads the same in another time zone", async () => {
  const program = `
    import { mailDate } from "${new URL("./mail_date.ts", import.meta.url)}";
    const values = ${JSON.stringify(DATES.map(([value]) => value))};
    const isLocal = new Date(2025, 0).getTimezoneOffset() !== 0;
    console.log(JSON.stringify([isLocal, ...values.map(mailDate)]));`;
  const { stdout } = await runDeno(["eval", program], { env: { TZ: "America/New_York" } });
  deepEqual(JSON.parse(stdout), [true, ...DATES.map(([, expected]) => expected)]);
});
