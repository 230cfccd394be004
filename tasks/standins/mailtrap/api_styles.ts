import type { StoredMessage } from "./mailbox.ts";

/** The user, the password and the token; fixed, so that people can type it: the stand-in is reachable from this machine only. */
export const CREDENTIAL = "playground";

export const ACCOUNT_ID = 1;

/** The only sandbox, formerly "inbox"; its id differs from the account's, so that a mix-up shows. */
export const BOX_ID = 2;

/** One generation of Mailtrap's API. */
export interface ApiStyle {
  readonly messagesPath: string;
  readonly boxMember: "sandbox_id" | "inbox_id";
  /** Each style accepts the header `Api-Token` as well. */
  readonly authorization: RegExp;
}

const BEARER = /^Bearer (?<token>\S+)$/i;

/** As `MAILTRAP_API` names them: sandboxes, accounts, v1. */
export const API_STYLES: readonly ApiStyle[] = [
  {
    messagesPath: "/api/sandboxes/:box/messages",
    boxMember: "sandbox_id",
    authorization: BEARER,
  },
  {
    messagesPath: "/api/accounts/:account/inboxes/:box/messages",
    boxMember: "inbox_id",
    authorization: BEARER,
  },
  {
    messagesPath: "/api/v1/inboxes/:box/messages",
    boxMember: "inbox_id",
    authorization: /^(?:Bearer |Token token=)"?(?<token>[^\s"]+)"?$/i,
  },
];

export function messageDocument(message: StoredMessage, style: ApiStyle): Record<string, unknown> {
  const listPath = style.messagesPath
    .replace(":account", String(ACCOUNT_ID))
    .replace(":box", String(BOX_ID));
  const path = `${listPath}/${message.id}`;
  return {
    id: message.id,
    [style.boxMember]: BOX_ID,
    subject: message.subject,
    sent_at: message.createdAt.toISOString(),
    from_email: message.fromEmail,
    from_name: message.fromName,
    to_email: message.toEmail,
    to_name: message.toName,
    email_size: message.sizeBytes,
    is_read: message.isRead,
    created_at: message.createdAt.toISOString(),
    updated_at: message.updatedAt.toISOString(),
    html_body_size: message.htmlBytes,
    text_body_size: message.textBytes,
    human_size: humanSize(message.sizeBytes),
    html_path: `${path}/body.html`,
    txt_path: `${path}/body.txt`,
    raw_path: `${path}/body.raw`,
    download_path: `${path}/body.eml`,
    html_source_path: `${path}/body.htmlsource`,
    // Mailtrap says `false` where it has no report; nothing is ever looked up here.
    blacklists_report_info: false,
    smtp_information: {
      ok: true,
      data: { mail_from_addr: message.mailFrom, client_ip: message.clientIp },
    },
  };
}

/** With three digits, as Rails writes it (`number_to_human_size`). */
export function humanSize(bytes: number): string {
  if (bytes < 1024) return bytes === 1 ? "1 Byte" : `${bytes} Bytes`;
  const [amount, unit] = bytes < 1024 ** 2 ? [bytes / 1024, "KB"] : [bytes / 1024 ** 2, "MB"];
  return `${Number(amount.toPrecision(3))} ${unit}`;
}
