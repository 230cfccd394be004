import { Buffer } from "node:buffer";
import { makeCertificates } from "@playground/shared/certificates";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { listenOnLoopback, type LoopbackServer } from "./loopback_server.ts";

/** The only account of a {@linkcode TestSmtpServer}. */
export const USER = "3f6a81c2d90b57";
export const PASSWORD = "b7d2e94f10a5c8";

export interface TestSmtpServerOptions {
  /** Handlers and settings of the library, in place of those that accept every mail. */
  readonly overrides?: SMTPServerOptions;
  /** The address that its certificate is for. @default "127.0.0.1" */
  readonly certificateAddress?: string;
}

/** A mail server on loopback that requires STARTTLS and a login, as Mailtrap does. */
interface TestSmtpServer extends LoopbackServer {
  /** The authority's certificate, which its clients must trust, in PEM. */
  readonly caPem: string;
  readonly mails: readonly Uint8Array[];
}

export async function startTestSmtpServer(
  { overrides = {}, certificateAddress = "127.0.0.1" }: TestSmtpServerOptions = {},
): Promise<TestSmtpServer> {
  const { caPem, certificatePem, privateKeyPem } = makeCertificates({
    names: [certificateAddress],
  });
  const mails: Uint8Array[] = [];
  const server = new SMTPServer({
    logger: false,
    name: "localhost",
    disableReverseLookup: true,
    cert: certificatePem,
    key: privateKeyPem,
    onAuth({ username, password }, _session, callback) {
      if (username === USER && password === PASSWORD) callback(null, { user: USER });
      else {callback(
          Object.assign(new Error("5.7.0 Invalid login or password"), { responseCode: 535 }),
        );}
    },
    onData(stream, _session, callback) {
      const chunks: Uint8Array[] = [];
      stream.on("data", (chunk: Uint8Array) => chunks.push(chunk));
      stream.on("end", () => {
        mails.push(Buffer.concat(chunks));
        callback(null);
      });
    },
    ...overrides,
  });
  // Some tests cut the connection.
  server.on("error", () => {});
  return Object.assign(await listenOnLoopback(server.server), { caPem, mails });
}
