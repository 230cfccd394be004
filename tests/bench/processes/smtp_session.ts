/** What the sink does with a mail. */
export interface MailSink {
  /** Called with each mail before it is accepted. */
  readonly accept: (mail: string) => Promise<void> | void;
}

const DATA_END = "\r\n.\r\n";

const REPLIES: Readonly<Record<string, string>> = {
  EHLO: "250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 AUTH PLAIN",
  AUTH: "235 2.7.0 Welcome",
  MAIL: "250 2.1.0 OK",
  RCPT: "250 2.1.5 OK",
  RSET: "250 2.0.0 OK",
  DATA: "354 Go on",
  QUIT: "221 2.0.0 Bye",
};

/**
 * The server's side of an SMTP connection (RFC 5321) that takes whatever it is given. It does as little as possible: on a small
 * machine, its processor time is missing to whoever is measured.
 */
export async function serveSmtp(connection: Deno.Conn, sink: MailSink): Promise<void> {
  const decoder = new TextDecoder("latin1");
  const encoder = new TextEncoder();
  const buffer = new Uint8Array(64 * 1024);
  const reply = async (text: string) => {
    await connection.write(encoder.encode(`${text}\r\n`));
  };
  let received = "";
  let isMail = false;
  /** The next line, or mail; `undefined` until all of it is there. */
  const next = () => {
    const end = isMail ? DATA_END : "\r\n";
    const index = received.indexOf(end);
    if (index < 0) return undefined;
    const text = received.slice(0, index);
    received = received.slice(index + end.length);
    return text;
  };
  await reply("220 sink ESMTP");
  for (;;) {
    const count = await connection.read(buffer);
    if (count === null) return;
    received += decoder.decode(buffer.subarray(0, count));
    for (let text = next(); text !== undefined; text = next()) {
      if (isMail) {
        isMail = false;
        await sink.accept(text);
        await reply("250 2.0.0 Accepted");
      } else {
        const verb = text.slice(0, 4).toUpperCase();
        isMail = verb === "DATA";
        await reply(REPLIES[verb] ?? "502 5.5.1 Unknown");
        if (verb === "QUIT") return;
      }
    }
  }
}
