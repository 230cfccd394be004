/**
 * MongoDB's own shell on the stand-in.
 *
 * @module
 */
import { deepEqual, match } from "node:assert/strict";
import { runProgram } from "../../shared/testing/run_program.ts";
import { startStandIn } from "./stand_in.ts";

const MONGOSH = Deno.env.get("MONGOSH");

Deno.test({
  name: MONGOSH === undefined
    ? "mongosh on the stand-in (set MONGOSH to the program to run it)"
    : "mongosh reads and writes documents on the stand-in, and is told what that does not have",
  ignore: MONGOSH === undefined,
  fn: async () => {
    await using standIn = await startStandIn("mongodb");
    const script = `
      const told = [];
      told.push(db.mails.insertMany([{ _id: 1, n: Long("5"), at: ISODate("9999-12-31") }, { _id: 2 }]).insertedIds);
      told.push(db.mails.find({ n: { $gt: 4 } }, { at: 1 }).toArray());
      told.push(db.mails.updateOne({ _id: 2 }, { $set: { a: ["x"] } }).modifiedCount);
      told.push(db.mails.distinct("a"), db.mails.countDocuments({}), db.getCollectionNames());
      told.push(db.mails.getIndexes().map(({ name }) => name), db.mails.deleteOne({ _id: 2 }).deletedCount);
      told.push(db.mails.drop());
      try {
        db.mails.aggregate([{ $lookup: {} }]).toArray();
      } catch (error) {
        told.push(error.message);
      }
      print(EJSON.stringify(told));`;
    const args = ["--quiet", "--norc", standIn.variables.MONGODB_URL ?? "", "--eval", script];
    const { output } = await runProgram(MONGOSH ?? "", args);
    const told = JSON.parse(output.trim().split("\n").at(-1) ?? "");
    const refusal = told.pop();
    deepEqual(told, [
      { 0: 1, 1: 2 },
      [{ _id: 1, at: { $date: "9999-12-31T00:00:00Z" } }],
      1,
      ["x"],
      2,
      ["mails"],
      ["_id_"],
      1,
      true,
    ]);
    match(refusal, /the embedded stand-in for MongoDB does not have it/);
  },
});
