import { Buffer } from "node:buffer";
import { onDemand } from "bson";
import { arrayOf, type Fields, fieldsOf, toValue, TYPE, Value } from "./bson.ts";
import { atOnce } from "./work.ts";

const { getInt32LE } = onDemand.NumberUtils;

/** A message begins with its own length, then request id, response id and operation code. */
const HEADER_BYTES = 16;

/** The largest message, as `hello` announces it (`maxMessageSizeBytes`). */
export const MAX_MESSAGE_BYTES = 48_000_000;

/** The most documents in a write, as `hello` announces it (`maxWriteBatchSize`). */
export const MAX_STATEMENTS = 100_000;

/** Operation codes (MongoDB documentation, "MongoDB Wire Protocol"). */
const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;

const MORE_TO_COME = 1 << 1;
/** A receiver must refuse flags in this range that it does not know, such as that of a checksum: no driver sends one. */
const REQUIRED_FLAGS = 0xffff;

/** Bytes that are not a message of MongoDB's protocol. Their connection is unusable. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";

  constructor(reason: string, options?: ErrorOptions) {
    super(`Cannot read a message: ${reason}`, options);
  }
}

/** A message of a client: a command, and how to answer it. */
export interface Request {
  readonly requestId: number;
  /** Came as OP_QUERY, in which drivers begin a connection. */
  readonly isQuery: boolean;
  /** Whether the client expects no answer (an unacknowledged write). */
  readonly isUnanswered: boolean;
  /** The command: its name is the first field, `$db` the database. Document sequences are fields of it. */
  readonly command: Fields;
}

/** Cuts a stream of bytes into messages. Memory is allocated for what has arrived, never for an announced length. */
export async function* messagesIn(
  stream: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  let chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  let messageBytes: number | undefined;
  for await (const chunk of stream) {
    chunks.push(chunk);
    sizeBytes += chunk.length;
    // Joined when a header or a message is complete, so that each byte is copied once.
    while (sizeBytes >= (messageBytes ?? HEADER_BYTES)) {
      const [first] = chunks;
      const bytes = first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks);
      messageBytes ??= lengthOf(bytes);
      chunks = [bytes];
      if (sizeBytes < messageBytes) break;
      yield bytes.subarray(0, messageBytes);
      chunks = [bytes.subarray(messageBytes)];
      sizeBytes -= messageBytes;
      messageBytes = undefined;
    }
  }
}

function lengthOf(message: Uint8Array): number {
  const length = getInt32LE(message, 0);
  if (length >= HEADER_BYTES && length <= MAX_MESSAGE_BYTES) return length;
  throw new ProtocolError(`its length is ${length} bytes`);
}

/** @throws {ProtocolError} For anything unreadable. */
export function parseRequest(bytes: Uint8Array): Request {
  const code = getInt32LE(bytes, 12);
  if (code !== OP_MSG && code !== OP_QUERY) {
    throw new ProtocolError(`the operation code ${code} is not supported`);
  }
  const isQuery = code === OP_QUERY;
  const flags = getInt32LE(bytes, HEADER_BYTES);
  const isUnanswered = !isQuery && (flags & MORE_TO_COME) !== 0;
  const command = isQuery ? readQuery(bytes) : readSections(bytes, flags);
  return { requestId: getInt32LE(bytes, 4), isQuery, isUnanswered, command };
}

function readSections(bytes: Uint8Array, flags: number): Fields {
  const unknownFlags = flags & REQUIRED_FLAGS & ~MORE_TO_COME;
  if (unknownFlags !== 0) {
    throw new ProtocolError(`it has flags that are not supported: ${unknownFlags}`);
  }
  let body: Map<string, Value> | undefined;
  for (let offset = HEADER_BYTES + 4; offset < bytes.length;) {
    const kind = bytes[offset];
    const section = slice(bytes, offset + 1);
    // Every driver sends the body first.
    if (kind === 0 && body === undefined) body = readBody(section);
    else if (kind === 1 && body !== undefined) addSequence(body, section);
    else throw new ProtocolError(`a section of kind ${kind} is misplaced`);
    offset += 1 + section.length;
  }
  if (body === undefined) throw new ProtocolError("it has no body");
  return body;
}

function readBody(document: Uint8Array): Map<string, Value> {
  try {
    return atOnce(() => fieldsOf(document));
  } catch (error) {
    throw new ProtocolError(String(error), { cause: error });
  }
}

function slice(bytes: Uint8Array, offset: number): Uint8Array {
  const length = getInt32LE(bytes, offset);
  if (length >= 5 && offset + length <= bytes.length) {
    return bytes.subarray(offset, offset + length);
  }
  throw new ProtocolError(`a part of ${length} bytes does not fit into it`);
}

/** A document sequence: length, name, then documents up to its end. */
function addSequence(body: Map<string, Value>, section: Uint8Array): void {
  const [name, start] = readName(section, 4);
  const documents: Value[] = [];
  for (let offset = start; offset < section.length;) {
    const document = slice(section, offset);
    documents.push(new Value(TYPE.object, document));
    offset += document.length;
    if (documents.length > MAX_STATEMENTS) throw new ProtocolError(`it has too many ${name}`);
  }
  if (body.has(name)) throw new ProtocolError(`it has the field ${name} twice`);
  body.set(name, arrayOf(documents));
}

/** OP_QUERY: flags, collection name, two numbers, then the command. */
function readQuery(bytes: Uint8Array): Fields {
  const [name, end] = readName(bytes, HEADER_BYTES + 4);
  return readBody(slice(bytes, end + 8)).set("$db", toValue(name.split(".")[0] ?? ""));
}

function readName(bytes: Uint8Array, start: number): [name: string, end: number] {
  const end = bytes.indexOf(0, start);
  if (end === -1) throw new ProtocolError("a name in it has no end");
  return [new TextDecoder().decode(bytes.subarray(start, end)), end + 1];
}

export function encodeMessage(
  { requestId, isQuery }: Request,
  responseId: number,
  reply: Uint8Array,
): Uint8Array {
  // Behind the operation code, of OP_REPLY: flags, cursor id, first document's number, number of documents.
  const prefix = isQuery ? [OP_REPLY, 0, 0, 0, 0, 1] : [OP_MSG, 0];
  // Of OP_MSG: the kind of its section.
  const kind = new Uint8Array(isQuery ? 0 : 1);
  const sizeBytes = 12 + prefix.length * 4 + kind.length + reply.length;
  const head = Int32Array.of(sizeBytes, responseId, requestId, ...prefix);
  return Buffer.concat([new Uint8Array(head.buffer), kind, reply]);
}
