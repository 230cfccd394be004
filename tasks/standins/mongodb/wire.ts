import { Buffer } from "node:buffer";
import { arrayOf, type Fields, fieldsOf, toValue, TYPE, Value } from "./bson.ts";
import { atOnce } from "./work.ts";

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

const AWAIT_CAPABLE = 8;

/** Bytes that are no message of MongoDB's protocol. The connection they came on cannot be used any further. */
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
  /** True when the client sends on and wants no answer (an unacknowledged write). */
  readonly isUnanswered: boolean;
  /** The command: its name is the first field, `$db` the database. Document sequences are fields of it. */
  readonly command: Fields;
}

/** Cuts a stream of bytes into messages. Memory is taken for what has arrived, never for what a length promises. */
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
  const length = viewOf(message).getInt32(0, true);
  if (length >= HEADER_BYTES && length <= MAX_MESSAGE_BYTES) return length;
  throw new ProtocolError(`its length is ${length} bytes`);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function parseRequest(bytes: Uint8Array): Request {
  try {
    return parse(bytes);
  } catch (error) {
    // Views out of bounds and the BSON decoder throw errors of many classes, all of them about these bytes.
    if (error instanceof ProtocolError) throw error;
    throw new ProtocolError(error instanceof Error ? error.message : String(error), {
      cause: error,
    });
  }
}

function parse(bytes: Uint8Array): Request {
  const view = viewOf(bytes);
  const code = view.getInt32(12, true);
  if (code !== OP_MSG && code !== OP_QUERY) {
    throw new ProtocolError(`the operation code ${code} is not supported`);
  }
  const isQuery = code === OP_QUERY;
  return {
    requestId: view.getInt32(4, true),
    isQuery,
    isUnanswered: !isQuery && (view.getUint32(HEADER_BYTES, true) & MORE_TO_COME) !== 0,
    command: isQuery ? readQuery(bytes) : readSections(bytes),
  };
}

function readSections(bytes: Uint8Array): Fields {
  const unknownFlags = viewOf(bytes).getUint32(HEADER_BYTES, true) & REQUIRED_FLAGS & ~MORE_TO_COME;
  if (unknownFlags !== 0) {
    throw new ProtocolError(`it has flags that are not supported: ${unknownFlags}`);
  }
  let body: Map<string, Value> | undefined;
  const sequences: [string, Value][] = [];
  let offset = HEADER_BYTES + 4;
  while (offset < bytes.length) {
    const kind = bytes[offset];
    const section = slice(bytes, offset + 1);
    if (kind === 0 && body === undefined) body = atOnce(() => fieldsOf(section));
    else if (kind === 1) sequences.push(readSequence(section));
    else throw new ProtocolError(`a section of kind ${kind} is misplaced`);
    offset += 1 + section.length;
  }
  if (body === undefined) throw new ProtocolError("it has no body");
  for (const [name, documents] of sequences) {
    if (body.has(name)) throw new ProtocolError(`it has the field ${name} twice`);
    body.set(name, documents);
  }
  return body;
}

/** The part of a message that begins at an offset with its own length. */
function slice(bytes: Uint8Array, offset: number): Uint8Array {
  const length = viewOf(bytes).getInt32(offset, true);
  if (length >= 5 && offset + length <= bytes.length) {
    return bytes.subarray(offset, offset + length);
  }
  throw new ProtocolError(`a part of ${length} bytes does not fit into it`);
}

/** A document sequence: length, name, then documents up to its end. */
function readSequence(section: Uint8Array): [string, Value] {
  const [name, start] = readName(section, 4);
  const documents: Value[] = [];
  for (let offset = start; offset < section.length;) {
    const document = slice(section, offset);
    documents.push(new Value(TYPE.object, document));
    offset += document.length;
    if (documents.length > MAX_STATEMENTS) throw new ProtocolError(`it has too many ${name}`);
  }
  return [name, arrayOf(documents)];
}

/** OP_QUERY: flags, collection name, two numbers, then the command. */
function readQuery(bytes: Uint8Array): Fields {
  const [name, end] = readName(bytes, HEADER_BYTES + 4);
  const command = atOnce(() => fieldsOf(slice(bytes, end + 8)));
  return command.set("$db", toValue(name.split(".")[0] ?? ""));
}

function readName(bytes: Uint8Array, start: number): [name: string, end: number] {
  const end = bytes.indexOf(0, start);
  if (end === -1) throw new ProtocolError("a name in it has no end");
  return [new TextDecoder().decode(bytes.subarray(start, end)), end + 1];
}

/** Encodes the message that answers a request, in the form in which the request came. */
export function encodeMessage(
  { requestId, isQuery }: Request,
  responseId: number,
  reply: Uint8Array,
): Uint8Array {
  // Of OP_MSG no flags and one section of kind 0; of OP_REPLY flags, cursor id, first document's number, number of documents.
  const prefixBytes = isQuery ? 20 : 5;
  const message = new Uint8Array(HEADER_BYTES + prefixBytes + reply.length);
  const view = viewOf(message);
  view.setInt32(0, message.length, true);
  view.setInt32(4, responseId, true);
  view.setInt32(8, requestId, true);
  view.setInt32(12, isQuery ? OP_REPLY : OP_MSG, true);
  if (isQuery) {
    view.setInt32(HEADER_BYTES, AWAIT_CAPABLE, true);
    view.setInt32(HEADER_BYTES + 16, 1, true);
  }
  message.set(reply, HEADER_BYTES + prefixBytes);
  return message;
}
