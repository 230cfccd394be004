import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { ROOT } from "@playground/tasks/running-system";
import { ManagedProcess } from "@playground/tasks/system";
import {
  type Channel,
  type ChannelModel,
  type ConfirmChannel,
  connect,
  type GetMessage,
} from "amqplib";
import untypedDefinitions from "amqplib-codec/lib/defs.js";
import { decodeMethod, encodeFrame, FRAME_TYPE, FrameReader, PROTOCOL_HEADER } from "./codec.ts";
import type { ClientMethod, ClientMethods } from "./methods.ts";

/** How long a test waits for something that must happen, in milliseconds. */
const LIMIT_MS = 10_000;

/** The arguments of a quorum queue. */
export const QUORUM = { "x-queue-type": "quorum" };

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

/** Asks for a message until there is one. */
export function next(channel: Channel, queue: string): Promise<GetMessage> {
  return until(`a message in ${queue}`, async () => await channel.get(queue) || undefined);
}

/** Publishes one persistent message for each character, and waits for the confirms. */
export async function fill(channel: ConfirmChannel, queue: string, bodies: string): Promise<void> {
  for (const body of bodies) channel.sendToQueue(queue, Buffer.from(body), { persistent: true });
  await channel.waitForConfirms();
}

export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir();
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** A well-behaved client, which may outlive its broker. */
export interface Client extends AsyncDisposable {
  readonly model: ChannelModel;
  readonly channel: ConfirmChannel;
}

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
export interface BrokerProcess extends AsyncDisposable {
  readonly url: string;
  /** Ends it as `kill -9` does: nothing of it runs any more. */
  readonly kill: () => Promise<void>;
}

export async function startBrokerProcess(stateDirectory: string): Promise<BrokerProcess> {
  const ready = Promise.withResolvers<string>();
  const lines: string[] = [];
  const main = "tasks/standins/amqp/main.ts";
  const process = new ManagedProcess({
    name: "broker",
    args: ["run", "-P=standins", main, "--port", "0", "--state", stateDirectory],
    environment: {},
    cwd: ROOT,
    onLine(line) {
      lines.push(line);
      const url = /amqp:\S+:\d+/.exec(line)?.[0];
      if (url !== undefined) ready.resolve(url);
    },
  });
  process.ended.then(() => ready.reject(new Error(`The broker ended: ${lines.join("\n")}`)));
  const kill = async () => {
    process.kill();
    await process[Symbol.asyncDispose]();
  };
  return { url: await ready.promise, kill, [Symbol.asyncDispose]: kill };
}

/** The client's side of amqplib's generated code, which has no types: encoding, and the id of each method. */
interface ClientDefinitions extends Readonly<Record<keyof ClientMethods, number>> {
  readonly encodeMethod: (id: number, channel: number, fields: unknown) => Buffer;
}

const definitions: ClientDefinitions = untypedDefinitions;

/** A client that says whatever a test wants it to say. */
export class RawClient implements Disposable {
  readonly heartbeats: number[] = [];
  readonly #socket: Deno.TcpConn;
  readonly #reader = new FrameReader();
  #isClosed = false;

  private constructor(socket: Deno.TcpConn) {
    this.#socket = socket;
  }

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

  async write(bytes: Uint8Array): Promise<void> {
    for (let offset = 0; offset < bytes.length;) {
      offset += await this.#socket.write(bytes.subarray(offset));
    }
  }

  async send(name: keyof ClientMethods, channel: number, fields: unknown): Promise<void> {
    await this.write(definitions.encodeMethod(definitions[name], channel, fields));
  }

  async sendFrame(type: number, channel: number, payload: Uint8Array): Promise<void> {
    await this.write(encodeFrame(type, channel, payload));
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
        this.heartbeats.push(Date.now());
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
