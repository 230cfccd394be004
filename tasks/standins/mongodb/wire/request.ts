import { arrayOf, type Fields, fieldsOf, toValue, TYPE, Value } from "../bson/value.ts";
import { atOnce } from "../work.ts";
import { HEADER_BYTES, ProtocolError } from "./framing.ts";

/** Operation codes (MongoDB documentation, "MongoDB Wire Protocol"). */
export const OP_CODE = { reply: 1, query: 2004, message: 2013 } as const;

const MORE_TO_COME = 1 << 1;
/** A receiver must refuse flags in this range that it does not know, such as that of a checksum: no driver sends one. */
const REQUIRED_FLAGS = 0xffff;

/** A message of a client: a command, and how to answer it. */
export interface Request {
  readonly requestId: number;
  readonly operation: "message" | "query";
  /** True when the client sends on and wants no answer (an unacknowledged write). */
  readonly isUnanswered: boolean;
  /** The command: its name is the first field, `$db` the database. Document sequences are fields of it. */
  readonly command: Fields;
}

export function parseRequest(bytes: Uint8Array): Request {
  try {
    return atOnce(() => parse(bytes));
  } catch (error) {
    // Views out of bounds and the BSON decoder throw errors of many classes, all of them about these bytes.
    if (error instanceof ProtocolError) throw error;
    throw new ProtocolError(
      `Cannot read a message: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}

function parse(bytes: Uint8Array): Request {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const requestId = view.getInt32(4, true);
  const code = view.getInt32(12, true);
  switch (code) {
    case OP_CODE.message: {
      const flags = view.getUint32(HEADER_BYTES, true);
      return {
        requestId,
        operation: "message",
        isUnanswered: (flags & MORE_TO_COME) !== 0,
        command: readSections(bytes, view, flags),
      };
    }
    case OP_CODE.query:
      return {
        requestId,
        operation: "query",
        isUnanswered: false,
        command: readQuery(bytes),
      };
    default:
      throw new ProtocolError(`Cannot read a message: the operation code ${code} is not supported`);
  }
}

function readSections(bytes: Uint8Array, view: DataView, flags: number): Fields {
  const unknownFlags = flags & REQUIRED_FLAGS & ~MORE_TO_COME;
  if (unknownFlags !== 0) {
    throw new ProtocolError(
      `Cannot read a message: it has flags that are not supported: ${unknownFlags}`,
    );
  }
  let body: Map<string, Value> | undefined;
  const sequences: [string, readonly Value[]][] = [];
  let offset = HEADER_BYTES + 4;
  while (offset < bytes.length) {
    const kind = view.getUint8(offset);
    const section = slice(bytes, offset + 1);
    if (kind === 0 && body === undefined) body = fieldsOf(section);
    else if (kind === 1) sequences.push(readSequence(section));
    else throw new ProtocolError(`Cannot read a message: a section of kind ${kind} is misplaced`);
    offset += 1 + section.length;
  }
  if (body === undefined) throw new ProtocolError("Cannot read a message: it has no body");
  for (const [name, documents] of sequences) {
    if (body.has(name)) {
      throw new ProtocolError(`Cannot read a message: it has the field ${name} twice`);
    }
    body.set(name, arrayOf(documents));
  }
  return body;
}

function slice(bytes: Uint8Array, offset: number): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getInt32(offset, true);
  if (length < 5 || offset + length > bytes.length) {
    throw new ProtocolError(
      `Cannot read a message: a part of ${length} bytes does not fit into it`,
    );
  }
  return bytes.subarray(offset, offset + length);
}

/** A document sequence: length, name, then documents up to its end. */
function readSequence(section: Uint8Array): [string, readonly Value[]] {
  const nameEnd = section.indexOf(0, 4);
  if (nameEnd === -1) throw new ProtocolError("Cannot read a message: a sequence has no name");
  const name = new TextDecoder().decode(section.subarray(4, nameEnd));
  const documents: Value[] = [];
  for (let offset = nameEnd + 1; offset < section.length;) {
    const document = slice(section, offset);
    documents.push(new Value(TYPE.object, document));
    offset += document.length;
  }
  return [name, documents];
}

/** OP_QUERY: flags, collection name, two numbers, then the command. Drivers begin a connection with it. */
function readQuery(bytes: Uint8Array): Fields {
  const nameStart = HEADER_BYTES + 4;
  const nameEnd = bytes.indexOf(0, nameStart);
  if (nameEnd === -1) throw new ProtocolError("Cannot read a message: its collection has no end");
  const name = new TextDecoder().decode(bytes.subarray(nameStart, nameEnd));
  const command = fieldsOf(slice(bytes, nameEnd + 9));
  return command.set("$db", toValue(name.split(".")[0] ?? ""));
}
