import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { createHash } from "node:crypto";
import { clearImmediate, setImmediate } from "node:timers";
import { bytes } from "../testing/mails.ts";
import { readParts } from "./mail_parts.ts";
import { splitMail } from "./split_mail.ts";

const NEVER = new AbortController().signal;

/** A text whose characters are bytes. */
function octets(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

async function parts(raw: Uint8Array) {
  return await readParts(splitMail(raw), NEVER);
}

async function readSingle(headers: readonly string[], body: string) {
  return await parts(octets(["From: a@example.com", ...headers, "", body].join("\r\n")));
}

/** Reads a mail that consists of a text and an attachment. */
async function readAttached(headers: readonly string[], content: string, end = "\r\n") {
  const lines = [
    "From: a@example.com",
    'Content-Type: multipart/mixed; boundary="B" (a comment)',
    "",
    "preamble",
    "--B",
    "",
    "text",
    "--B \t",
    ...headers,
    "",
    "",
  ];
  return await parts(octets(`${lines.join(end)}${content}${end}--B--${end}epilogue${end}`));
}

const ATTACHED = 'Content-Disposition: attachment; filename="f"';
const MAIL = [
  "From: b@example.com",
  "Content-Type: multipart/mixed; boundary=C",
  "",
  "--C",
  "",
  "inner",
  "--C--",
  "",
].join("\r\n");

const encodedIn = (encoding: string) => [ATTACHED, `Content-Transfer-Encoding: ${encoding}`];

/** Attachments as they are in the mail, and as saved if that differs. */
const ATTACHMENTS: readonly (readonly [
  what: string,
  headers: readonly string[],
  content: string,
  saved?: string,
])[] = [
  ["without an encoding", [ATTACHED], "a\nb"],
  ["of one line end", [ATTACHED], "\r\n"],
  ["that is empty", [ATTACHED], ""],
  ["with the boundary of another", [ATTACHED], "--BB\r\n--B-\r\n --B"],
  ["in 7bit", encodedIn("7bit"), "a,b\r\n1,2\r\n"],
  ["in 8bit", encodedIn("8bit"), "\xff\xfe\0\xe9\r\n"],
  ["in binary", encodedIn("binary"), "a\rb\n\r"],
  ["in quoted-printable", encodedIn("quoted-printable"), "abc"],
  [
    "in quoted-printable of lines",
    encodedIn("Quoted-Printable"),
    "a,b \t\r\n1= \r\n,2=0A=C3\r\n",
    "a,b\r\n1,2\n\xc3\r\n",
  ],
  ["in wrong quoted-printable", encodedIn("quoted-printable"), "a=ZZ=c3=", "a=ZZ\xc3"],
  ["in base64", encodedIn("base64"), "YSxi\r\nDQoxLDINCg==\r\n", "a,b\r\n1,2\r\n"],
  [
    "in base64 with junk",
    encodedIn("BASE64"),
    "Y S!x\xa0iD\r\nQ\r\n\r\noxLDINCg=\r\n=\r\n-- \r\n",
    "a,b\r\n1,2\r\n",
  ],
  ["in base64 without padding", encodedIn("base64 (c)"), "YWI", "ab"],
  ["in base64 of two pieces", encodedIn("base64"), "YQ==\r\nYg==", "ab"],
  ["in another charset", ["Content-Type: text/plain; charset=iso-8859-1", ATTACHED], "\xe9"],
  ["that is a calendar", ["Content-Type: text/calendar"], "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"],
  ["that is a mail", ["Content-Type: message/rfc822", ATTACHED], MAIL],
  [
    "that is a mail to be shown",
    ["Content-Type: message/rfc822", "Content-Disposition: inline"],
    MAIL,
  ],
  [
    "that is a mail in base64",
    ["Content-Type: message/rfc822", "Content-Transfer-Encoding: base64"],
    btoa(MAIL),
    MAIL,
  ],
];

for (const [what, headers, content, saved = content] of ATTACHMENTS) {
  Deno.test(`readParts() measures the saved form of an attachment ${what}`, async () => {
    const { text, html, attachments } = await readAttached(headers, content);
    deepEqual([text, html], ["text", null]);
    deepEqual(
      attachments.map(({ sizeBytes, sha256 }) => ({ sizeBytes, sha256 })),
      [{
        sizeBytes: saved.length,
        sha256: createHash("sha256").update(octets(saved)).digest("hex"),
      }],
    );
  });
}

Deno.test.each(["\n", "\r\r\n", "\r"])(
  "readParts() finds the parts of a mail whose lines end in %j",
  async (end) => {
    const { text, attachments } = await readAttached([ATTACHED], "abc", end);
    equal(text, "text");
    equal(attachments[0]?.sizeBytes, 3);
  },
);

const DISPOSITION = "Content-Disposition: attachment; filename";

Deno.test.each([
  ["as it is", `${DISPOSITION}="a b.pdf"`, "a b.pdf"],
  ["in raw UTF-8", `${DISPOSITION}="\xc3\xbc.pdf"`, "ü.pdf"],
  ["in an encoded word", `${DISPOSITION}="=?utf-8?Q?=C3=BC=2Epdf?="`, "ü.pdf"],
  ["as RFC 2231 has it", `${DISPOSITION}*0*=utf-8''%C3%BC; filename*1=.pdf`, "ü.pdf"],
  ["from the type", "Content-Type: application/pdf; name=a.pdf", "a.pdf"],
  ["where there is none", "Content-Type: application/pdf", null],
])("readParts() reads the name of an attachment %s", async (_what, header, name) => {
  equal((await readAttached([header], "x")).attachments[0]?.name, name);
});

Deno.test.each([
  [
    "with blanks at the end of lines",
    [],
    "one=20= \r\ntwo= \t\r\nthree   \r\nfour\t\r\nfive =C3=A4\r\n",
    "one twothree\nfour\nfive ä",
  ],
  ["with bare line feeds", [], "a =\nb \nc", "a b\nc"],
  ["with a soft break at its end", [], "a\r\nb=\r\n", "a\nb"],
  ["with a character on two lines", [], "=C3=\r\n=A4", "ä"],
  ["in another charset", ["Content-Type: text/plain; charset=iso-8859-1"], "=E4", "ä"],
])("readParts() reads quoted-printable %s", async (_what, headers, body, expected) => {
  const encoding = "Content-Transfer-Encoding: quoted-printable";
  equal((await readSingle([...headers, encoding], body)).text, expected);
});

Deno.test("readParts() reads quoted-printable that is longer than what is decoded at once", async () => {
  const line = "=C3=A4 = \r\n=20x \t\r\n";
  const { text } = await readSingle(
    ["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable"],
    line.repeat(50_000),
  );
  equal(text, "ä  x\n".repeat(50_000).slice(0, -1));
});

Deno.test.each([
  ["utf-8", "\xc3\xa4", "ä"],
  ["us-ascii", "\xc3\xa4", "ä"],
  ["iso-8859-1", "\xe4\x80", "ä€"],
  ["windows-1252", "\x80", "€"],
  ["shift_jis", "\x93\xfa\x96\x7b", "日本"],
  ["iso-2022-jp", "\x1b$BF|K\\\x1b(B", "日本"],
  ["gb18030", "\xc4\xe3\xba\xc3", "你好"],
  ["koi8-r", "\xd4", "т"],
  ["cp850", "\x81", "ü"],
  ["cp932", "\x93\xfa\x96\x7b", "日本"],
  ["cp936", "\xc4\xe3\xba\xc3", "你好"],
  ["cp949", "\xc7\xd1", "한"],
  ["eucjp", "\xc6\xfc\xcb\xdc", "日本"],
  ["cp-1252", "\x80", "€"],
  ["x-mac-cyrillic", "\x80", "А"],
  ["utf-16", "\xfe\xff\0\xfc\x0a\x0a\0\x0a", "ü\u0a0a"],
  ["utf-16be", "\0\xfc\0\x0a", "ü"],
  // ASCII that is not: UTF-8 if it can be.
  ["us-ascii", "\xfc\xc3\xa4", "üÃ¤"],
  ["nobody-knows", "\xc3\xa4", "ä"],
  ["unknown-8bit", "\xc3\xa4\xc3", "Ã¤Ã"],
])("readParts() reads text in %s", async (charset, content, expected) => {
  equal(
    (await readSingle([`Content-Type: text/plain; charset="${charset}"`], content)).text,
    expected,
  );
});

Deno.test.each([75, 76])("readParts() decodes base64 in lines of %i characters", async (width) => {
  const content = new TextEncoder().encode("any bytes ".repeat(50_000));
  const lines = content.toBase64().match(new RegExp(`.{1,${width}}`, "g")) ?? [];
  const { attachments } = await readSingle(encodedIn("base64"), lines.join("\r\n"));
  equal(attachments[0]?.sha256, createHash("sha256").update(content).digest("hex"));
});

Deno.test.each([
  "Content-Type: text",
  "Content-Type:",
  "Content-Type: /plain",
  "Content-Type: text/plain charset=utf-8",
])("readParts() reads text of an invalid type: %s", async (header) => {
  const { text, attachments } = await readSingle([header], "Gr\xfc\xdfe");
  deepEqual([text, attachments], ["Grüße", []]);
});

Deno.test.each([
  "Content-Type: multipart/mixed",
  'Content-Type: multipart/mixed; boundary=""',
  "Content-Type: multipart/mixed; boundary=other",
])("readParts() reads a mail as text whose parts have no such boundary: %s", async (header) => {
  const { text, html, attachments } = await readSingle([header], "Whatever\r\n--B\r\nyou want");
  deepEqual({ text, html, attachments }, {
    text: "Whatever\n--B\nyou want",
    html: null,
    attachments: [],
  });
});

Deno.test("readParts() takes a file of an invalid type for an attachment", async () => {
  const { text, attachments } = await readAttached(["Content-Type: pdf; name=a.pdf"], "x");
  deepEqual([text, attachments.length], ["text", 1]);
});

Deno.test("readParts() ends all lines of a text alike, and leaves the last line end out", async () => {
  const { text } = await readSingle([], "one\r\n\r\ntwo \rthree\nfour\r\r\n\r\n");
  equal(text, "one\n\ntwo \nthree\nfour\n");
});

Deno.test.each(["\n", "\r\n", "\r"])(
  "readParts() reads text in UTF-16 whose lines end in %j",
  async (end) => {
    const text = Uint16Array.from(`\ufeffਊ${end}b${end}`, (unit) => unit.charCodeAt(0));
    const headers = [
      "Content-Type: text/plain; charset=utf-16",
      "Content-Transfer-Encoding: base64",
    ];
    equal((await readSingle(headers, new Uint8Array(text.buffer).toBase64())).text, "ਊ\nb");
  },
);

Deno.test("readParts() keeps line ends where a large text is cut", async () => {
  const lines = Array.from({ length: 300_000 }, (_, index) => "x".repeat(index % 3));
  equal((await readSingle([], lines.join("\r\n") + "x")).text, lines.join("\n") + "x");
});

Deno.test("readParts() joins the lines of format=flowed", async () => {
  const { text } = await readSingle(
    ["Content-Type: text/plain; format=flowed"],
    "long \r\nline\r\n-- \r\nme\r\n",
  );
  equal(text, "long line\n-- \nme");
});

Deno.test("readParts() reads the texts of parts within parts", async () => {
  const { text, html, attachments } = await parts(bytes([
    "Content-Type: multipart/mixed; boundary=A",
    "",
    "--A",
    "Content-Type: multipart/alternative; boundary=B",
    "",
    "--B",
    "",
    "one",
    "--B",
    "Content-Type: text/html",
    "",
    "<p>one",
    // Never closed: the outer boundary ends it.
    "--A",
    "",
    "two",
    "--A",
    "Content-Type: image/png",
    "Content-Transfer-Encoding: base64",
    "",
    "eA==",
  ].join("\r\n")));
  deepEqual({ text, html }, { text: "one\ntwo", html: "<p>one" });
  deepEqual(attachments.map(({ type, sizeBytes }) => [type, sizeBytes]), [["image/png", 1]]);
});

Deno.test("readParts() treats a mail that is not text as an attachment", async () => {
  const { text, attachments } = await readSingle(["Content-Type: application/pdf"], "x");
  equal(text, null);
  equal(attachments[0]?.type, "application/pdf");
});

Deno.test.each([
  [
    "a thousand parts too many",
    () => `Content-Type: multipart/mixed; boundary=A\r\n\r\n${"--A\r\n\r\n".repeat(2000)}`,
    /child nodes/,
  ],
  [
    "a part with too many headers",
    () => `Content-Type: multipart/mixed; boundary=A\r\n\r\n--A\r\n${"A: b\r\n".repeat(100_000)}`,
    /header size/,
  ],
  [
    "an endless line of quoted-printable",
    () => `Content-Transfer-Encoding: quoted-printable\r\n\r\n${"=".repeat(2_000_000)}`,
    /quoted-printable/,
  ],
])("readParts() refuses %s", async (_what, raw, error) => {
  await rejects(parts(bytes(raw())), error);
});

Deno.test.each([
  ["HTML of very short lines", "Content-Type: text/html", "\n"],
  ["HTML of carriage returns", "Content-Type: text/html", "\r"],
  ["flowed text", "Content-Type: text/plain; format=flowed", "a \r\n"],
  ["quoted-printable", "Content-Transfer-Encoding: quoted-printable", "=C3=A4 \r\n"],
  ["padded base64", "Content-Type: a/b\r\nContent-Transfer-Encoding: base64", "YQ=="],
  ["lines like boundaries", "Content-Type: multipart/mixed; boundary=B", "--A\r\n"],
])("readParts() yields to other work within each 256 KiB of %s", async (_what, head, line) => {
  const raw = bytes(`${head}\r\n\r\n${line.repeat(5_000_000 / line.length)}`);
  let turnCount = 0;
  const turn = () => {
    turnCount++;
    next = setImmediate(turn);
  };
  let next = setImmediate(turn);
  await parts(raw).finally(() => clearImmediate(next));
  ok(turnCount >= raw.length / 256 / 1024, `${turnCount} turns`);
});
