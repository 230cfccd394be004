let last: Readonly<URL> = new URL("http://localhost/");
let lastText = last.href;

/**
 * The parts of a request's address. Callers of a route send the same address again and again, and several functions read it: the
 * last one is kept, since parsing it each time takes 5 % of an accepted email's processor time.
 *
 * @throws {TypeError} If it is not an address.
 */
export function requestUrl({ url }: Pick<Request, "url">): Readonly<URL> {
  if (url !== lastText) {
    last = new URL(url);
    lastText = url;
  }
  return last;
}

/** The port of an http or https address, also where it names none. */
export function portOf({ port, protocol }: Readonly<URL>): number {
  return Number(port) || (protocol === "https:" ? 443 : 80);
}
