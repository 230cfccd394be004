const HEAD_END = "\r\n\r\n";
const RESPONSE_HEAD = /^HTTP\/1\.1 (?<status>\d{3})[^]*\r\ncontent-length: (?<length>\d+)/i;

/**
 * A client's side of one HTTP/1.1 connection, as little as a load generator needs: `fetch` takes several times its processor
 * time, which on a small machine is missing to the server that is measured. It reads answers with a Content-Length only.
 */
export class HttpConnection implements Disposable {
  readonly #connection: Deno.TcpConn;
  readonly #buffer = new Uint8Array(64 * 1024);
  readonly #decoder = new TextDecoder("latin1");

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  /** Connects. */
  static async open(url: URL): Promise<HttpConnection> {
    const connection = await Deno.connect({ hostname: url.hostname, port: Number(url.port) });
    connection.setNoDelay(true);
    return new HttpConnection(connection);
  }

  /** Sends one request and reads its answer. */
  async send(request: Uint8Array): Promise<number> {
    let written = 0;
    while (written < request.length) {
      written += await this.#connection.write(request.subarray(written));
    }
    let received = 0;
    for (;;) {
      const count = await this.#connection.read(this.#buffer.subarray(received));
      if (count === null) throw new Error("Cannot read the answer: the connection was closed");
      received += count;
      const text = this.#decoder.decode(this.#buffer.subarray(0, received));
      const headLength = text.indexOf(HEAD_END) + HEAD_END.length;
      if (headLength < HEAD_END.length) continue;
      const head = RESPONSE_HEAD.exec(text)?.groups;
      if (head === undefined) throw new Error(`Cannot read the answer: ${text.slice(0, 100)}`);
      if (received >= headLength + Number(head.length)) return Number(head.status);
    }
  }

  /** Closes the connection. */
  [Symbol.dispose](): void {
    this.#connection.close();
  }
}

/** Writes a request that posts an email. */
export function postEmailRequest(url: URL, body: string, headers = ""): Uint8Array {
  const encoder = new TextEncoder();
  const content = encoder.encode(body);
  const head = encoder.encode(
    `POST /email HTTP/1.1\r\nhost: ${url.host}\r\ncontent-type: application/json\r\n${headers}` +
      `content-length: ${content.length}${HEAD_END}`,
  );
  const request = new Uint8Array(head.length + content.length);
  request.set(head);
  request.set(content, head.length);
  return request;
}
