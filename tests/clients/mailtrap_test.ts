/**
 * Mailtrap's own client for Node on the stand-in.
 *
 * @module
 */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { MailtrapClient } from "mailtrap";
import { createTransport } from "nodemailer";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What the stand-in tells at its start. */
interface Mailtrap extends AsyncDisposable {
  readonly apiUrl: string;
  readonly smtpPort: number;
  readonly password: string;
  readonly user: string;
  readonly caFile: string;
  readonly token: string;
  readonly boxId: number;
  readonly accountId: number;
}

async function startMailtrap(): Promise<Mailtrap> {
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-P=standins", "tasks/standins/mailtrap/main.ts"],
      ...["--smtp-port=0", "--api-port=0"],
    ],
    cwd: ROOT,
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  let output = "";
  const lines = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  while (!/account id \d+\n/.test(output)) {
    const { value, done } = await lines.read();
    if (done) throw new Error(`Cannot start the stand-in: ${output}`);
    output += value;
  }
  const fact = (name: string) => output.match(new RegExp(`^  ${name} +(\\S+?),?(?: |$)`, "m"))?.[1];
  return {
    apiUrl: fact("API") ?? "",
    smtpPort: Number(fact("SMTP")?.split(":")[1]),
    user: fact("user") ?? "",
    password: fact("password") ?? "",
    caFile: fact("CA") ?? "",
    token: fact("token") ?? "",
    boxId: Number(fact("box id")),
    accountId: Number(fact("account id")),
    async [Symbol.asyncDispose]() {
      process.kill("SIGTERM");
      while (!(await lines.read()).done);
      await process.status;
    },
  };
}

async function sendMail({ smtpPort, user, password, caFile }: Mailtrap): Promise<void> {
  const transport = createTransport({
    host: "127.0.0.1",
    port: smtpPort,
    requireTLS: true,
    auth: { user, pass: password },
    tls: { ca: await Deno.readTextFile(caFile) },
  });
  await transport.sendMail({
    from: "Ann <ann@example.com>",
    to: "Bob <bob@example.com>",
    subject: "Grüße",
    text: "plain",
    html: "<p>rich</p>",
  });
  transport.close();
}

/** The members that the client's type of a message names. */
const MEMBERS = [
  "blacklists_report_info",
  "created_at",
  "download_path",
  "email_size",
  "from_email",
  "from_name",
  "html_body_size",
  "html_path",
  "html_source_path",
  "human_size",
  "id",
  "inbox_id",
  "is_read",
  "raw_path",
  "sent_at",
  "smtp_information",
  "subject",
  "text_body_size",
  "to_email",
  "to_name",
  "txt_path",
  "updated_at",
];

Deno.test("the client of Mailtrap lists, shows and deletes", async () => {
  await using mailtrap = await startMailtrap();
  await sendMail(mailtrap);
  const { token, accountId, boxId } = mailtrap;
  const client = new MailtrapClient({ token, accountId, testInboxId: boxId });
  // It has no option for the address.
  client["axios"].interceptors.request.use((request: { url?: string }) => {
    request.url = request.url?.replace("https://mailtrap.io", mailtrap.apiUrl);
    return request;
  });
  const { messages } = client.testing;

  const listed = await messages.get(boxId);
  equal(listed.length, 1);
  const [message] = listed;
  ok(message);
  deepEqual(Object.keys(message).toSorted(), MEMBERS);
  deepEqual([message.subject, message.inbox_id], ["Grüße", boxId]);
  match(message.human_size, /^[\d.]+ (?:Bytes|KB)$/);

  deepEqual(await messages.showEmailMessage(boxId, message.id), message);
  match(await messages.getTextMessage(boxId, message.id), /^plain/);
  match(await messages.getHtmlMessage(boxId, message.id), /^<p>rich<\/p>/);
  match(await messages.getMessageHtmlSource(boxId, message.id), /^<p>rich<\/p>/);
  match(await messages.getRawMessage(boxId, message.id), /^From: Ann /m);
  match(await messages.getMessageAsEml(boxId, message.id), /^From: Ann /m);
  await rejects(messages.getSpamScore(boxId, message.id), /the stand-in has no such route/);

  deepEqual(await messages.deleteMessage(boxId, message.id), message);
  deepEqual(await messages.get(boxId), []);
  await rejects(messages.showEmailMessage(boxId, message.id), /Not Found/);
});
