import { Int32 } from "bson";
import type { BsonDocument } from "../bson/values.ts";
import { CommandError } from "../errors.ts";

/**
 * Runs the statements of a write command one by one. One that fails does not undo the others: it is reported by its
 * place, and ends the command when that is ordered (MongoDB manual, "Write Command Behavior").
 */
export function runStatements<Statement>(
  statements: readonly Statement[],
  isOrdered: boolean,
  run: (statement: Statement, index: number) => void,
): BsonDocument {
  const writeErrors: BsonDocument[] = [];
  for (const [index, statement] of statements.entries()) {
    try {
      run(statement, index);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      writeErrors.push({
        index: new Int32(index),
        code: new Int32(error.code),
        errmsg: error.message,
        ...error.details,
      });
      if (isOrdered) break;
    }
  }
  return writeErrors.length === 0 ? {} : { writeErrors };
}
