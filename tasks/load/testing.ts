import type { AcceptedEmail } from "@playground/tasks/clients/message-server";

export function acceptedEmail(number: number, sampled: boolean = true): AcceptedEmail {
  const traceId = String(number).padStart(32, "0");
  return {
    id: `id-${number}`,
    messageId: `<id-${number}@playground.invalid>`,
    traceId,
    traceUrl: `http://zipkin/zipkin/traces/${traceId}`,
    sampled,
  };
}
