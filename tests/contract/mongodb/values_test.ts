import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import {
  Binary,
  BSON,
  BSONRegExp,
  Decimal128,
  type Document,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from "mongodb";
import { contract, type Email, rejectsWith } from "../../fixture/mongodb.ts";

contract("a raw mail of 15 MB comes back byte for byte", async ({ emails }) => {
  const raw = new Uint8Array(15_000_000);
  for (let index = 0; index < raw.length; index += 997) raw[index] = index % 251;
  await emails.updateOne(
    { _id: "large" },
    { $setOnInsert: { raw: new Binary(raw) } },
    { upsert: true, writeConcern: { w: "majority" } },
  );
  await emails.updateOne({ _id: "large" }, { $addToSet: { deliveries: { mailtrapId: 1 } } });
  const stored = await emails.findOne({ _id: "large" });
  assert.ok(stored?.raw instanceof Binary);
  assert.equal(Buffer.compare(stored.raw.value(), raw), 0);
});

contract(
  "a document of more than 16 MB is refused and leaves nothing behind",
  async ({ emails }) => {
    await rejectsWith(emails.insertOne({ _id: 1, text: "x".repeat(16 * 1024 * 1024) }), 2, 10334);
    await emails.insertOne({ _id: 2, text: "x".repeat(9_000_000) });
    await rejectsWith(
      emails.updateOne({ _id: 2 }, { $set: { more: "x".repeat(9_000_000) } }),
      17419,
      10334,
    );
    assert.deepEqual(await emails.find({}, { projection: { _id: 1 } }).toArray(), [{ _id: 2 }]);
  },
);

/** Values of every type that drivers send. */
const scalar: fc.Arbitrary<unknown> = fc.oneof(
  fc.string(),
  fc.boolean(),
  fc.constant(null),
  fc.integer().map((value) => new Int32(value)),
  fc.double().map((value) => new Double(value)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => Long.fromBigInt(value)),
  // SecantusDB knows no dates outside these years; MongoDB and the stand-in do.
  fc.date({ noInvalidDate: true, min: new Date("0001-01-01"), max: new Date("9999-12-31") }),
  fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => new ObjectId(bytes)),
  fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.constantFrom(0, 4, 5, 128))
    .filter(([bytes, subtype]) => subtype !== 4 || bytes.length === 16)
    .map(([bytes, subtype]) => new Binary(bytes, subtype)),
  fc.integer().map((value) => Decimal128.fromString(`${value}.50`)),
  fc.tuple(fc.nat(), fc.nat()).map(([t, i]) => new Timestamp({ t, i })),
  fc.constantFrom("a+", "^b$").map((pattern) => new BSONRegExp(pattern, "i")),
);

const { tree: documentFields } = fc.letrec<{ tree: Record<string, unknown>; value: unknown }>((
  tie,
) => ({
  tree: fc.dictionary(
    fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,8}$/).filter((name) =>
      name !== "_id" && name !== "__proto__"
    ),
    tie("value"),
    {
      maxKeys: 6,
      noNullPrototype: true,
    },
  ),
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    fc.array(tie("value"), { maxLength: 4 }),
    tie("tree"),
  ),
}));

contract(
  "documents keep every value's BSON type, also when another field is updated",
  async ({ connect }) => {
    const documents = connect({ promoteValues: false, bsonRegExp: true }).collection<Email>(
      "documents",
    );
    await fc.assert(
      fc.asyncProperty(documentFields, async (fields) => {
        const _id = crypto.randomUUID();
        await documents.insertOne({ _id, fields });
        await documents.updateOne({ _id }, { $set: { touched: true } });
        const stored = await documents.findOne({ _id });
        assert.deepEqual(BSON.serialize({ fields: stored?.fields }), BSON.serialize({ fields }));
      }),
      { numRuns: 40 },
    );
  },
);

contract("values of all types, null and missing fields sort by type and compare by value", async (
  { connect },
) => {
  const documents = connect({ promoteValues: false }).collection<Email>("numbers");
  const long = Long.fromBigInt(2n ** 53n + 1n);
  const values: readonly (readonly [string, unknown])[] = [
    ["minKey", new MinKey()],
    ["null", null],
    ["NaN", new Double(NaN)],
    ["-1", new Int32(-1)],
    ["0.1", Decimal128.fromString("0.1")],
    ["1", new Double(1)],
    ["1.5", Decimal128.fromString("1.50")],
    ["2^53", new Double(2 ** 53)],
    ["2^53+1", long],
    ["1E30", Decimal128.fromString("1E30")],
    ["last of three bytes", "\uffff"],
    ["first of four bytes", "\u{10000}"],
    ["document", { a: 1 }],
    ["document with an array", { a: [1] }],
    ["bytes", new Binary(new Uint8Array(1))],
    ["objectId", new ObjectId()],
    ["false", false],
    ["before 1970", new Date(-1)],
    ["9999", new Date("9999-12-31T23:59:59.999Z")],
    ["timestamp", new Timestamp({ t: 1, i: 1 })],
    ["maxKey", new MaxKey()],
  ];
  await documents.insertMany(
    values.map(([_id, value]) => ({ _id, value })).toReversed(),
  );
  const ids = async (filter: Document) =>
    (await documents.find(filter).sort({ value: 1 }).toArray()).map(({ _id }) => String(_id));
  assert.deepEqual(await ids({}), values.map(([id]) => id));
  assert.deepEqual(await ids({ value: { $gte: Decimal128.fromString("1") } }), [
    "1",
    "1.5",
    "2^53",
    "2^53+1",
    "1E30",
  ]);
  assert.deepEqual(await ids({ value: long }), ["2^53+1"]);
  assert.deepEqual(await ids({ value: Decimal128.fromString("1.5") }), ["1.5"]);
  assert.deepEqual(await ids({ value: { $lt: new Date(0) } }), ["before 1970"]);
  await documents.insertOne({ _id: "missing" });
  assert.deepEqual((await ids({ value: null })).sort(), ["missing", "null"]);
  assert.deepEqual(await ids({ value: { $type: "null" } }), ["null"]);
});
