/** The parts of the services, by what the address of a module has in it. The first that fits counts. */
const PARTS: readonly (readonly [part: string, pattern: RegExp])[] = [
  ["logging", /@logtape|\/shared\/logging\/|console\.js/],
  ["tracing", /@opentelemetry|\/shared\/tracing\/|traced_|request_tracing|mail_origin|place_span/],
  ["validation", /\/zod\/|\/shared\/email\//],
  ["AMQP", /amqplib|\/shared\/amqp\/|buffer-more-ints/],
  ["SMTP", /nodemailer|smtp_/],
  ["MongoDB driver", /\/mongodb|\/bson\/|mongo_archive/],
  ["mail parsing", /mailsplit|libmime|libqp|libbase64|\/poller\/(?:mail|archive)\//],
  ["Mailtrap API", /\/poller\/mailtrap\//],
  ["HTTP server", /\/hono\/|ext:deno_http|\/server\//],
  ["fetch", /ext:deno_fetch/],
  ["the service itself", /\/(?:emailer|poller|shared)\//],
];

/** Tells which part of a service a module belongs to. */
export function partOfModule(url: string): string | undefined {
  return PARTS.find(([, pattern]) => pattern.test(url))?.[0];
}
