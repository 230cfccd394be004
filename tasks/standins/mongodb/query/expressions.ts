import defer * as mingo from "mingo";
import { plainDocument, toPlain } from "../bson/plain.ts";
import { asDocument, type BsonDocument } from "../bson/values.ts";
import { CommandError } from "../errors.ts";

// The one place that calls mingo. It computes with JavaScript's own values; see toPlain(). It is run at its first use only, since
// that takes a tenth of a second, and most systems never ask for an expression.

/** No `$where`, `$function`, `$accumulator`: a client's text is never run. */
const OPTIONS = { scriptEnabled: false } as const;

/** Compiles a `$expr` condition. */
export function compileCondition(expression: unknown): (document: BsonDocument) => boolean {
  const query = refusing(() => new mingo.Query({ $expr: toPlain(expression) }, OPTIONS));
  return (document) => refusing(() => query.test(plainDocument(document)));
}

/** What a pipeline needs from its surroundings. */
export interface PipelineContext {
  /** All documents of another collection of the database, plain; for `$lookup`, `$unionWith`, `$graphLookup`. */
  readonly readCollection?: (name: string) => BsonDocument[];
  /** The command's `let` variables, with BSON types. */
  readonly variables?: BsonDocument;
}

/** Runs an aggregation pipeline. */
export function* runPipeline(
  source: Iterable<BsonDocument>,
  pipeline: readonly BsonDocument[],
  context: PipelineContext,
): Generator<BsonDocument> {
  const stages = pipeline.map(plainDocument);
  const options = {
    ...OPTIONS,
    ...(context.readCollection === undefined ? {} : { collectionResolver: context.readCollection }),
    ...(context.variables === undefined ? {} : { variables: plainDocument(context.variables) }),
  };
  const results = refusing(() => new mingo.Aggregator(stages, options).stream(source));
  while (true) {
    const { value, done } = refusing(() => results.next());
    if (done) return;
    const document = asDocument(value);
    if (document === undefined) {
      throw new CommandError(2, "Cannot return a value that is no document from a pipeline");
    }
    yield document;
  }
}

/** Computes an aggregation expression. */
export function evaluate(document: BsonDocument, expression: unknown): unknown {
  const [result] = runPipeline([plainDocument(document)], [{ $replaceWith: { expression } }], {});
  return result?.expression;
}

/** Errors of mingo are about what the client sent: its operands' types, an unknown stage or operator. */
function refusing<Result>(compute: () => Result): Result {
  try {
    return compute();
  } catch (error) {
    if (error instanceof CommandError || !(error instanceof Error)) throw error;
    const stage = /^unregistered pipeline operator (.*)\.$/.exec(error.message)?.[1];
    throw stage === undefined
      ? new CommandError(2, error.message)
      : new CommandError(40324, `Unrecognized pipeline stage name: '${stage}'`);
  }
}
