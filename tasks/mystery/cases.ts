import type { FaultName } from "@playground/tasks/faults";

export const DIFFICULTIES = ["easy", "medium", "hard"] as const;

export type Difficulty = typeof DIFFICULTIES[number];

export interface MysteryCase {
  readonly difficulty: Difficulty;
  readonly fault: { readonly name: FaultName; readonly value?: string };
  /** How often the fault strikes. @default always */
  readonly probability?: number;
  /** What people complain about. It names neither hop nor cause. */
  readonly story: string;
  /** The first hint: where to look. */
  readonly where: string;
  /** The second: what to look at there. */
  readonly what: string;
  readonly proof: string;
  /** Faults that no trace distinguishes from this one. */
  readonly alsoRight?: readonly FaultName[];
}

/** Every mystery. Each fault is in it once. */
export const CASES: readonly MysteryCase[] = [
  {
    difficulty: "easy",
    fault: { name: "smtp.reply", value: "451" },
    probability: 0.7,
    story: "Some emails arrive at once, others some seconds late. None is lost.",
    where: "Look at an email that is late: which rows come more than once?",
    what: "Each failed send-email has the reply in its tags.",
    proof: "A send-email fails with 451, which means “try later”, and an amqp-retry is the wait.",
  },
  {
    difficulty: "easy",
    fault: { name: "smtp.recipient-reply", value: "550" },
    story: "Callers get their 202, and nobody gets an email.",
    where: "Find the last row of the trace.",
    what: "A 5xx reply is final. Who gave it, and to which command?",
    proof: "send-email fails with 550 to RCPT TO, and emailer ends with the outcome dead-lettered.",
  },
  {
    difficulty: "easy",
    fault: { name: "rabbitmq.slow-delivery", value: "3000" },
    story: "Everything works, three seconds later than it used to.",
    where: "No row has an error. Which one is long, and does it work or wait?",
    what: "Between the confirm and the emailer’s receipt, who has the message?",
    proof: "amqp-publish is confirmed in milliseconds and then waits three seconds in the queue.",
  },
  {
    difficulty: "easy",
    fault: { name: "mongodb.delay", value: "2500" },
    story: "Emails are delivered as fast as ever. In the archive they show up late.",
    where: "The way from the inbox into the archive has several steps.",
    what: "Look for a long bar that has no long child.",
    proof: "store-message alone takes the time; fetching and deleting are quick.",
  },
  {
    difficulty: "medium",
    fault: { name: "rabbitmq.slow-confirm", value: "2000" },
    story: "Callers wait two seconds for their answer, and the email is often faster than that.",
    where: "Which row is as long as schedule-email?",
    what: "The emailer has the message long before that row ends. What is the row waiting for?",
    proof: "amqp-publish ends with the confirm, two seconds after the emailer has begun.",
  },
  {
    difficulty: "medium",
    fault: { name: "mailtrap-api.delay", value: "1500" },
    story: "The archive is behind, although the database answers in milliseconds.",
    where: "Compare the rows of the poll: which are long, and which is not?",
    what: "fetch-inbox, fetch-message and delete-message have something in common.",
    proof: "Every request to the inbox takes 1.5 s; store-message, the only other step, is quick.",
  },
  {
    difficulty: "medium",
    fault: { name: "smtp.drop-after-data" },
    probability: 0.8,
    story: "Some people say that they got the same email twice.",
    where: "Look at the attempts of one email: how did the first one end?",
    what: "Count the archive-email rows, and compare their db.object_id.",
    proof: "send-email fails after the data; two archive-email rows have the same db.object_id.",
  },
  {
    difficulty: "medium",
    fault: { name: "mailtrap-api.reply", value: "429" },
    story: "Emails are delivered. Then nothing happens for a while, and no row of theirs fails.",
    where: "The email’s own trace has no error. Which other one belongs to its way to the archive?",
    what: "Look for a failed poll-email, and at its child.",
    proof: "The poll is a trace of its own: its fetch-inbox fails with 429, too many requests.",
  },
  {
    difficulty: "medium",
    fault: { name: "rabbitmq.nack" },
    probability: 0.5,
    story: "About half of the callers are told to try again in a few seconds.",
    where: "A refused request has a trace, too. Which row below schedule-email failed?",
    what: "The message reached the broker. What did it answer?",
    proof: "amqp-publish fails with “rejected”: the broker said basic.nack.",
  },
  {
    difficulty: "medium",
    fault: { name: "mongodb.error", value: "OutOfDiskSpace" },
    story: "Emails are delivered, and none gets into the archive.",
    where: "Follow the mail beyond its delivery, into the poll.",
    what: "One step of the poll failed, with somebody’s own words.",
    proof: "store-message fails with the database’s own error; delete-message is never tried.",
    alsoRight: ["mongodb.not-primary", "mongodb.down"],
  },
  {
    difficulty: "medium",
    fault: { name: "spans.lose", value: "emailer" },
    story: "Every email arrives, but in its trace nobody seems to have sent it.",
    where: "The archive has the email, and its trace. Which service has no row at all?",
    what: "A row names a parent that never arrived. Was the context lost, or the span?",
    proof: "archive-email names the emailer’s span as its parent: passed on, but never reported.",
  },
  {
    difficulty: "hard",
    fault: { name: "rabbitmq.trace-headers", value: "strip" },
    story: "Every email arrives. Its trace ends before anybody has sent it.",
    where: "There is another trace with the same email’s id. With which row does it begin?",
    what: "The emailer begins a trace of its own. What did the message not bring along?",
    proof: "emailer is a root with the email’s id: its message had no trace headers any more.",
  },
  {
    difficulty: "hard",
    fault: { name: "smtp.trace-headers", value: "strip" },
    story: "Every email gets into the archive. Its trace knows nothing of that.",
    where: "The poll that stored the mail is there. Which row is missing in the email’s own trace?",
    what: "store-message has the email’s id, but not its trace. Who handed the mail on?",
    proof: "store-message has no origin: without trace headers, no archive-email was reported.",
  },
  {
    difficulty: "hard",
    fault: { name: "rabbitmq.no-confirm" },
    story: "Callers wait five seconds and are told to try again. Their emails arrive all the same.",
    where: "Compare how the publish ends with what happens below it.",
    what: "A failed amqp-publish has a child that succeeded. What is missing is an answer.",
    proof: "amqp-publish fails unconfirmed after five seconds; its child emailer has the message.",
  },
  {
    difficulty: "hard",
    fault: { name: "smtp.rate-limit", value: "1" },
    story: "One email is fine. Send several at once, and most are late.",
    where: "Send some quickly, one after the other, and look at one that is late.",
    what: "The reply says 550, and yet there is a retry: read the words, not the number.",
    proof: "send-email fails with 550 “too many emails per second”, and the emailer tries again.",
  },
  {
    difficulty: "hard",
    fault: { name: "rabbitmq.return" },
    story: "Every caller is told to try again, although RabbitMQ confirms each message.",
    where: "A confirm alone is no proof. What else may the broker do with a message before it?",
    what: "Read the error of amqp-publish: was the message refused, or not routed?",
    proof: "amqp-publish fails as returned: no queue is bound, so the confirm means nothing.",
  },
  {
    difficulty: "hard",
    fault: { name: "smtp.monthly-limit" },
    story: "Since this morning no email goes out. The queue grows, and no attempt is used up.",
    where: "One send-email failed, then there are no more. Where do the emails wait?",
    what: "535 is the code of a wrong password. Read the words behind it.",
    proof: "The login fails with 535 “Monthly messages limit reached”; the attempt is not used up.",
  },
];
