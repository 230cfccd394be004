/** The styles of Mailtrap's API: the current, the previous, and the original one. */
export const API_STYLES = ["sandboxes", "accounts", "v1"] as const;

export type ApiStyle = typeof API_STYLES[number];

export interface InboxAddress {
  readonly url: URL;
  readonly style: ApiStyle;
  readonly boxId: string;
  /** The account; the style `accounts` needs it. */
  readonly accountId?: string | undefined;
}

/**
 * The address of an inbox's messages (https://docs.mailtrap.io/developers/email-sandbox/messages).
 */
export function messagesUrl({ url, style, boxId, accountId }: InboxAddress): string {
  const base = url.href.replace(/\/$/, "");
  switch (style) {
    case "sandboxes":
      return `${base}/api/sandboxes/${boxId}/messages`;
    case "accounts":
      return `${base}/api/accounts/${accountId}/inboxes/${boxId}/messages`;
    case "v1":
      return `${base}/api/v1/inboxes/${boxId}/messages`;
  }
}
