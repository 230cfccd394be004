import { equal, match, ok } from "node:assert/strict";
import {
  createTransport,
  type SendMailOptions,
  type SMTPSentMessageInfo,
  type SMTPTransportOptions,
} from "nodemailer";
import type { StandInVariables } from "../../stand_in.ts";
import { SmtpDialogue } from "./smtp_dialogue.ts";

export interface MessageDocument {
  /** Never used twice. */
  readonly id: number;
  readonly subject: string;
  readonly email_size: number;
  readonly html_body_size: number;
  readonly text_body_size: number;
}

/** A client of a Mailtrap, as the emailer and the poller are: it knows the values of their variables. */
export class MailtrapClient {
  readonly variables: StandInVariables;
  /** The path of the list. */
  readonly messages: string;

  constructor({ variables }: { readonly variables: StandInVariables }) {
    this.variables = variables;
    this.messages = `/api/sandboxes/${variables.MAILTRAP_BOXID}/messages`;
  }

  async send(
    mail: SendMailOptions = {},
    options: SMTPTransportOptions = {},
  ): Promise<SMTPSentMessageInfo> {
    const { SMTP_HOST = "", SMTP_PORT, SMTP_CA = "" } = this.variables;
    const { MAILTRAP_USER: user = "", MAILTRAP_PASSWORD: pass = "" } = this.variables;
    const transport = createTransport({
      host: SMTP_HOST,
      port: Number(SMTP_PORT),
      requireTLS: true,
      auth: { user, pass },
      tls: { ca: SMTP_CA },
      // By default nodemailer waits in the background until the server has closed its side as well.
      socketCloseTimeout: 0,
      ...options,
    });
    try {
      return await transport.sendMail({
        from: "sender@example.com",
        to: "recipient@mailtrap.io",
        text: "text",
        ...mail,
      });
    } finally {
      transport.close();
    }
  }

  async sendNumbered(count: number): Promise<void> {
    using dialogue = await SmtpDialogue.logIn(this);
    for (let index = 0; index < count; index++) {
      match(await dialogue.sendMail(bytes(`Subject: ${index}\r\n\r\n`)), /^250 /);
    }
  }

  request(path = this.messages, init: RequestInit = {}): Promise<Response> {
    const { MAILTRAP_URL, MAILTRAP_TOKEN = "" } = this.variables;
    const headers = { "Api-Token": MAILTRAP_TOKEN, "Accept-Encoding": "identity" };
    return fetch(`${MAILTRAP_URL}${path}`, { headers, ...init });
  }

  async ask(path?: string, init?: RequestInit) {
    const response = await this.request(path, init);
    return [response.status, await response.json()] as const;
  }

  async list(query = ""): Promise<readonly MessageDocument[]> {
    const [status, messages] = await this.ask(this.messages + query);
    equal(status, 200);
    return messages;
  }

  async listAll(): Promise<readonly MessageDocument[]> {
    const messages: MessageDocument[] = [];
    let page = await this.list();
    while (page.length > 0) {
      messages.push(...page);
      page = await this.list(`?last_id=${messages.at(-1)?.id}`);
    }
    return messages;
  }

  /** The only message; throws when there are none or several. */
  async only(): Promise<MessageDocument> {
    const [message, ...others] = await this.list();
    ok(message !== undefined && others.length === 0, "expected exactly one message");
    return message;
  }

  async raw({ id }: Pick<MessageDocument, "id">): Promise<Uint8Array> {
    return await (await this.request(`${this.messages}/${id}/body.eml`)).bytes();
  }
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
