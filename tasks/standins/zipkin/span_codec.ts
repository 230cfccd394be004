import {
  ZIPKIN_KINDS,
  type ZipkinAnnotation,
  type ZipkinKind,
  type ZipkinSpan,
} from "@playground/shared/tracing/zipkin-span";
import { parseLenientJson } from "./lenient_json.ts";
import {
  InvalidRequestError,
  memberReader,
  normalizeParentId,
  normalizeSpanId,
  normalizeTraceId,
  readBoolean,
  readEndpoint,
  readInteger,
  readList,
  readObject,
  readPositive,
  readString,
} from "./span_fields.ts";

/** Suffixes of version 1's member names, which version 2 does not have. */
const VERSION_1_MEMBER = 'yAnnotations"';

/**
 * Reads a JSON list of spans as Zipkin's collector does (`V2SpanReader`): names in lower case, ids padded, empty members
 * undefined, unknown ones ignored.
 *
 * Equal spans come out with equal text under `JSON.stringify`, whatever the order of their members.
 *
 * Unlike Zipkin, it refuses a time beyond 2^53, since JavaScript cannot hold it.
 *
 * @throws {InvalidRequestError} When one of them is malformed.
 */
export function decodeSpans(body: string): readonly ZipkinSpan[] {
  if (body === "") return [];
  if (!/^\s*\[/.test(body)) throw new InvalidRequestError("Expected a JSON_V2 encoded list\n");
  if (body.includes(VERSION_1_MEMBER)) {
    throw new InvalidRequestError("Expected a JSON_V2 encoded list, but received: JSON_V1\n");
  }
  try {
    return readList(parseJson(body)).map((span, index) => readSpan(`[${index}]`, span));
  } catch (error) {
    if (!(error instanceof InvalidRequestError)) throw error;
    throw new InvalidRequestError(`${error.message} reading List<Span> from json`);
  }
}

function parseJson(text: string): unknown {
  try {
    return parseLenientJson(text);
  } catch {
    throw new InvalidRequestError("Malformed");
  }
}

function readSpan(at: string, value: unknown): ZipkinSpan {
  const object = readObject(value);
  const member = memberReader(at, object);
  const missing = ["traceId", "id"].filter((name) => !Object.hasOwn(object, name));
  if (missing.length > 0) throw new InvalidRequestError(`Missing : ${missing.join(" ")}`);

  const traceId = normalizeTraceId(readString(`${at}.traceId`, object.traceId));
  const id = normalizeSpanId(readString(`${at}.id`, object.id));
  const parentText = member("parentId", readString);
  const parentId = parentText === undefined ? undefined : normalizeParentId(parentText);
  const kind = member("kind", readKind);
  return {
    traceId,
    parentId: parentId === id ? undefined : parentId,
    id,
    kind,
    name: member("name", readString)?.toLowerCase() || undefined,
    timestamp: member("timestamp", readPositive),
    duration: member("duration", readPositive),
    localEndpoint: member("localEndpoint", readEndpoint),
    remoteEndpoint: member("remoteEndpoint", readEndpoint),
    annotations: member("annotations", readAnnotations),
    tags: member("tags", readTags),
    debug: member("debug", readBoolean) || undefined,
    // Only a server shares its client's span.
    shared: member("shared", readBoolean) && kind !== "CLIENT" || undefined,
  };
}

function readKind(path: string, value: unknown): ZipkinKind {
  const name = readString(path, value);
  const kind = ZIPKIN_KINDS.find((known) => known === name);
  if (kind === undefined) {
    throw new InvalidRequestError(`No enum constant zipkin2.Span.Kind.${name}`);
  }
  return kind;
}

/** Sorted and without repeats, as Zipkin keeps them. */
function readAnnotations(path: string, value: unknown): ZipkinSpan["annotations"] {
  const annotations = readList(value).map((item, index): ZipkinAnnotation => {
    const at = `${path}[${index}]`;
    const object = readObject(item);
    const { timestamp, value } = object;
    if (timestamp === undefined || value === undefined) {
      // Zipkin names the member that it read last.
      const last = Object.keys(object).at(-1) ?? "";
      throw new InvalidRequestError(`Incomplete annotation at $${at}.${last}`);
    }
    return {
      timestamp: readInteger(`${at}.timestamp`, timestamp),
      value: readString(`${at}.value`, value),
    };
  });
  const distinct = new Map(annotations.map((item) => [`${item.timestamp} ${item.value}`, item]));
  if (distinct.size === 0) return undefined;
  return [...distinct.values()].sort((left, right) =>
    left.timestamp - right.timestamp || compareText(left.value, right.value)
  );
}

function readTags(path: string, value: unknown): ZipkinSpan["tags"] {
  const entries = Object.entries(readObject(value)).map(([key, item]): [string, string] => {
    if (item === null) throw new InvalidRequestError(`No value at $${path}.${key}`);
    return [key, readString(`${path}.${key}`, item)];
  });
  if (entries.length === 0) return undefined;
  return Object.fromEntries(entries.sort(([left], [right]) => compareText(left, right)));
}

/** By UTF-16 code unit, as Java compares. */
function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
