import type { OtlpEndpoint } from "@playground/shared/telemetry";
import type { EmailerConfiguration } from "@playground/emailer/configuration";
import { createSmtpTransport } from "@playground/emailer/smtp-transport";
import { MongoArchive } from "@playground/poller/archive";
import type { PollerConfiguration } from "@playground/poller/configuration";
import { mailtrapInbox } from "@playground/poller/mailtrap";
import { connectToNode } from "@playground/shared/amqp";
import { underBase } from "@playground/shared/configuration";
import { failureReason, fetchWithCredentials } from "@playground/shared/http";

export interface Finding {
  readonly subject: string;
  /** `note`: worth knowing, nothing to fix. */
  readonly status: "ok" | "note" | "problem";
  /** The state in words. Never a secret. */
  readonly detail: string;
  readonly remedy?: string;
}

/** A service that takes longer counts as unavailable. */
const TIMEOUT_MS = 5_000;

export function rabbitmq(url: URL): Promise<Finding> {
  const remedy = "is it running, and are user and password right? See AMQP_URL";
  return check(`RabbitMQ ${url.host}`, remedy, async () => {
    await (await connectToNode(url, "doctor")).close();
    return "takes the user and password";
  });
}

export function mongodb(url: string): Promise<Finding> {
  const remedy = "is it running, and are user and password right? See MONGODB_URL";
  return check("MongoDB", remedy, async () => {
    await using archive = new MongoArchive(url);
    const readiness = await archive.readiness();
    if (!readiness.ready) throw new Error(readiness.reason);
    return "takes the user and password";
  });
}

/** Posts an empty list of spans, and asks for the services, as the services would. */
export function zipkin(url: URL): Promise<Finding> {
  const remedy = "is it running? See ZIPKIN_URL; emails travel without it";
  const fetcher = fetchWithCredentials(url);
  return check(`Zipkin ${url.host}`, remedy, async () => {
    const posted = await statusOf(underBase(url, "api/v2/spans"), json([]), fetcher);
    // Any other status comes from something else, such as a web site that accepts every request.
    if (posted !== 202) throw new Error(`it takes no spans: it answered ${posted}, not 202`);
    const asked = await statusOf(underBase(url, "api/v2/services"), {}, fetcher);
    if (asked !== 200) throw new Error(`it takes spans, but shows none: it answered ${asked}`);
    return "takes spans and shows them";
  });
}

export function otlpCollector({ url, headers }: OtlpEndpoint): Promise<Finding> {
  const remedy = "is it running? See OTEL_EXPORTER_OTLP_ENDPOINT; emails travel without it";
  return check(`OTLP collector ${new URL(url).host}`, remedy, async () => {
    const posted = await statusOf(new URL(url), json({ resourceSpans: [] }, headers));
    if (posted !== 200) throw new Error(`it takes no spans: it answered ${posted}, not 200`);
    return "takes spans";
  });
}

/** Logs in at the mail server, as the emailer does; sends nothing. */
export function mailServer(configuration: EmailerConfiguration): Promise<Finding> {
  const { SMTP_HOST: host, SMTP_PORT: port } = configuration;
  const remedy = "see SMTP_HOST, SMTP_PORT, SMTP_TLS, SMTP_CA, MAILTRAP_USER and MAILTRAP_PASSWORD";
  return check(`Mail server ${host}:${port}`, remedy, async () => {
    using transport = createSmtpTransport(configuration, {
      connectionTimeoutMs: TIMEOUT_MS,
      greetingTimeoutMs: TIMEOUT_MS,
      silenceTimeoutMs: TIMEOUT_MS,
    });
    const login = await transport.tryLogin(new AbortController().signal);
    if (login.status === "failed") throw new Error(login.reason);
    return "takes the user and password";
  });
}

/** Lists the inbox; changes nothing in it. */
export function mailtrapApi(configuration: PollerConfiguration): Promise<Finding> {
  const { MAILTRAP_URL: url } = configuration;
  const remedy = "see MAILTRAP_TOKEN, MAILTRAP_BOXID, MAILTRAP_API and MAILTRAP_URL";
  return check(`Mailtrap API ${url.host}`, remedy, async () => {
    const reply = await mailtrapInbox(configuration, fetchWithCredentials(url)).list();
    if (reply.outcome === "ok") {
      return `takes the token; ${reply.value.messages.length} mails on the inbox's first page`;
    }
    throw new Error(reply.outcome === "gone" ? "it knows no such inbox" : reply.reason);
  });
}

async function check(
  subject: string,
  remedy: string,
  look: () => Promise<string>,
): Promise<Finding> {
  try {
    return { subject, status: "ok", detail: await look() };
  } catch (error) {
    const [line = ""] = failureReason(error).split("\n");
    return { subject, status: "problem", detail: line.trim(), remedy };
  }
}

function json(document: unknown, headers: Readonly<Record<string, string>> = {}): RequestInit {
  return {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify(document),
  };
}

async function statusOf(
  url: URL,
  init: RequestInit,
  fetcher: typeof fetch = fetch,
): Promise<number> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetcher(url, { ...init, redirect: "manual", signal });
  await response.body?.cancel();
  return response.status;
}
