import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { fileURLToPath } from "node:url";
import { type ChannelModel, type ConfirmChannel, connect } from "amqplib";
import untypedDefinitions from "amqplib-codec/lib/defs.js";
import { decodeMethod } from "./codec.ts";
import { FRAME_TYPE, FrameReader, PROTOCOL_HEADER } from "./frames.ts";
import type { ClientMethod } from "./methods.ts";

/** How long a test waits for something that must happen, in milliseconds. */
const LIMIT_MS = 10_000;

/** Waits for a condition; resolves to its first value that is not `undefined`. */
export async function until<Value>(
  what: string,
  condition: () => Promise<Value | undefined> | Value | undefined,
): Promise<Value> {
  const deadlineMs = Date.now() + LIMIT_MS;
  for (;;) {
    const value = await condition();
    if (value !== undefined) return value;
    if (Date.now() > deadlineMs) throw new Error(`Gave up waiting for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A temporary folder that is removed afterwards. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir();
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** A well-behaved client, which may outlive its broker. */
export interface Client extends AsyncDisposable {
  readonly model: ChannelModel;
  /** An open channel with confirms. */
  readonly channel: ConfirmChannel;
}

/** Connects a well-behaved client. */
export async function connectClient(url: string): Promise<Client> {
  const model = await connect(url, { noDelay: true });
  const ended = new Promise<void>((resolve) => model.once("close", () => resolve()));
  // The death of the broker is what some tests are about.
  model.on("error", () => {});
  const channel = await model.createConfirmChannel();
  channel.on("error", () => {});
  const end = async () => {
    await model.close().catch(() => {});
    await ended;
  };
  return { model, channel, [Symbol.asyncDispose]: end };
}

/** The broker as a process of its own, so that it can be killed. */
export class BrokerProcess implements AsyncDisposable {
  readonly url: string;
  readonly #process: Deno.ChildProcess;

  private constructor(process: Deno.ChildProcess, url: string) {
    this.#process = process;
    this.url = url;
  }

  /** Starts it and waits until it listens. */
  static async start(stateDirectory: string): Promise<BrokerProcess> {
    const process = new Deno.Command(Deno.execPath(), {
      args: ["run", "-P=standins", "main.ts", "--port", "0", "--state", stateDirectory],
      cwd: fileURLToPath(new URL(".", import.meta.url)),
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    let output = "";
    const decoder = new TextDecoder();
    const reader = process.stdout.getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`Cannot start the broker: ${output}`);
      output += decoder.decode(value, { stream: true });
      const url = /amqp:\S+:\d+/.exec(output)?.[0];
      if (url === undefined) continue;
      await reader.cancel();
      return new BrokerProcess(process, url);
    }
  }

  /** Ends it as `kill -9` does: nothing of it runs any more. */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.status;
  }

  /** Kills it, if that was not done yet. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.kill();
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
  }
}

/** The methods that a test can send. */
export type ClientMethodName =
  | "ConnectionStartOk"
  | "ConnectionTuneOk"
  | "ConnectionOpen"
  | "ConnectionClose"
  | "ConnectionCloseOk"
  | "ChannelOpen"
  | "BasicPublish"
  | "BasicConsume";

/** The client's side of amqplib's generated code, which has no types: encoding, and the id of each method. */
interface ClientDefinitions extends Readonly<Record<ClientMethodName, number>> {
  readonly encodeMethod: (id: number, channel: number, fields: unknown) => Buffer;
}

const definitions: ClientDefinitions = untypedDefinitions;

/** A client that says whatever a test wants it to say. */
export class RawClient implements Disposable {
  readonly #socket: Deno.TcpConn;
  readonly #reader = new FrameReader();
  readonly #heartbeats: number[] = [];
  #isClosed = false;

  private constructor(socket: Deno.TcpConn) {
    this.#socket = socket;
  }

  /** Connects without a word. */
  static async connect(url: string): Promise<RawClient> {
    const { hostname, port } = new URL(url);
    const socket = await Deno.connect({ hostname, port: Number(port) });
    socket.setNoDelay(true);
    return new RawClient(socket);
  }

  /** Connects, logs in and opens channel 1. */
  static async open(url: string, heartbeat = 0): Promise<RawClient> {
    const client = await RawClient.connect(url);
    await client.write(PROTOCOL_HEADER);
    await client.expect("ConnectionStart");
    await client.send("ConnectionStartOk", 0, {
      clientProperties: {},
      mechanism: "PLAIN",
      response: Buffer.from("\0guest\0guest"),
      locale: "en_US",
    });
    await client.expect("ConnectionTune");
    await client.send("ConnectionTuneOk", 0, { channelMax: 0, frameMax: 0, heartbeat });
    await client.send("ConnectionOpen", 0, { virtualHost: "/" });
    await client.expect("ConnectionOpenOk");
    await client.send("ChannelOpen", 1, {});
    await client.expect("ChannelOpenOk");
    return client;
  }

  /** When heartbeats came, in milliseconds since 1970. */
  get heartbeats(): readonly number[] {
    return this.#heartbeats;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let offset = 0; offset < bytes.length;) {
      offset += await this.#socket.write(bytes.subarray(offset));
    }
  }

  async send(name: ClientMethodName, channel: number, fields: unknown): Promise<void> {
    await this.write(definitions.encodeMethod(definitions[name], channel, fields));
  }

  async sendFrame(type: number, channel: number, payload: Uint8Array): Promise<void> {
    const frame = Buffer.alloc(payload.length + 8);
    frame.writeUInt8(type, 0);
    frame.writeUInt16BE(channel, 1);
    frame.writeUInt32BE(payload.length, 3);
    frame.set(payload, 7);
    frame.writeUInt8(0xce, payload.length + 7);
    await this.write(frame);
  }

  /** Reads the bytes that are there; `undefined` at the end of the connection. Rejects when nothing comes. */
  async read(): Promise<Buffer | undefined> {
    const bytes = new Uint8Array(65_536);
    const timer = setTimeout(() => this[Symbol.dispose](), LIMIT_MS);
    try {
      const count = await this.#socket.read(bytes);
      return count === null ? undefined : Buffer.from(bytes.subarray(0, count));
    } catch (error) {
      if (error instanceof Deno.errors.ConnectionReset) return undefined;
      throw new Error("Gave up waiting for the broker to say something", { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Reads the next method; `undefined` at the end of the connection. */
  async readMethod(): Promise<ClientMethod | undefined> {
    for (;;) {
      const frame = this.#reader.readFrame();
      if (frame === undefined) {
        const bytes = await this.read();
        if (bytes === undefined) return undefined;
        this.#reader.push(bytes);
      } else if (frame.type === FRAME_TYPE.heartbeat) {
        this.#heartbeats.push(Date.now());
      } else {
        return decodeMethod(frame.payload);
      }
    }
  }

  /** Reads the next method, which must have this name. */
  async expect(name: string): Promise<ClientMethod> {
    const method = await this.readMethod();
    assert.ok(method !== undefined, `the connection ended before ${name}`);
    assert.equal(method.name, name);
    return method;
  }

  /** Reads until the broker closes the channel or the connection. Returns its reason. */
  async expectClose(name: "ChannelClose" | "ConnectionClose"): Promise<string> {
    const method = await this.expect(name);
    assert.ok("replyText" in method.fields);
    return method.fields.replyText;
  }

  [Symbol.dispose](): void {
    if (!this.#isClosed) this.#socket.close();
    this.#isClosed = true;
  }
}
