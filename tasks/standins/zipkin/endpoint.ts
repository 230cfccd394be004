import { isIPv4, isIPv6 } from "node:net";
import type { ZipkinEndpoint } from "@playground/shared/tracing/zipkin-span";
import { readInteger, readObject, readString } from "./json_fields.ts";
import { InvalidRequestError } from "./invalid_request_error.ts";

/**
 * Reads an endpoint as Zipkin does: the service's name in lower case, addresses sorted into their family whichever
 * member they came in, invalid addresses and empty members left out.
 *
 * @throws {InvalidRequestError} When a member has the wrong type or the port is above 65535.
 */
export function readEndpoint(path: string, value: unknown): ZipkinEndpoint | undefined {
  const object = readObject(value);
  const member = <Value>(name: string, read: (path: string, value: unknown) => Value) => {
    const found = object[name];
    return found === undefined || found === null ? undefined : read(`${path}.${name}`, found);
  };
  const serviceName = member("serviceName", readString)?.toLowerCase();
  const addresses = [member("ipv4", readString), member("ipv6", readString)].map(parseAddress);
  const port = member("port", readInteger);
  if (port !== undefined && port > 65_535) throw new InvalidRequestError(`invalid port ${port}`);
  const ipv4 = addresses.findLast((address) => address?.ipv4 !== undefined)?.ipv4;
  const ipv6 = addresses.findLast((address) => address?.ipv6 !== undefined)?.ipv6;
  const endpoint: ZipkinEndpoint = {
    ...(serviceName ? { serviceName } : {}),
    ...(ipv4 === undefined ? {} : { ipv4 }),
    ...(ipv6 === undefined ? {} : { ipv6 }),
    ...(port === undefined || port <= 0 ? {} : { port }),
  };
  return Object.keys(endpoint).length === 0 ? undefined : endpoint;
}

/** `::ffff:192.0.2.1` is an IPv4 address; an IPv6 address is written in its shortest form (RFC 5952). */
function parseAddress(address = ""): Pick<ZipkinEndpoint, "ipv4" | "ipv6"> | undefined {
  const unmapped = address.replace(/^::(ffff:)?(?=[\d.]+$)/i, "");
  if (isIPv4(unmapped)) return { ipv4: unmapped };
  if (!isIPv6(address) || address.includes("%")) return undefined;
  return { ipv6: new URL(`http://[${address}]`).hostname.slice(1, -1) };
}
