import { type EncodableFields, type Fields, toValue, TYPE, type Value } from "./bson.ts";
import type { Collection } from "./collection.ts";
import type { Cursors } from "./cursors.ts";
import { CommandError, unsupported } from "./errors.ts";
import type { Store } from "./store.ts";
import type { TimeBudget, Work } from "./work.ts";

/** The typed fields of a command or a part of one. A null counts as missing. */
export class Arguments {
  constructor(readonly fields: Fields) {}

  /** Refuses unknown fields: ignoring one would silently give a wrong answer. */
  check(where: string, known: readonly string[]): void {
    for (const [field, value] of this.fields) {
      // Drivers also send unwanted options, as false.
      if (known.includes(field) || !value.isTruthy) continue;
      throw unsupported(`the option ${field} of ${where}`, 40415);
    }
  }

  required(field: string): Value {
    const value = this.fields.get(field);
    if (value !== undefined) return value;
    throw new CommandError(40414, `BSON field '${field}' is missing but a required field`);
  }

  #optional<Result>(
    field: string,
    type: string,
    read: (value: Value) => Result | undefined,
  ): Result | undefined {
    const value = this.fields.get(field);
    if (value === undefined || value.type === TYPE.null) return undefined;
    return read(value) ?? wrongType(field, value, type);
  }

  document(field: string): Fields {
    return this.#optional(field, "object", ({ fields }) => fields) ?? new Map();
  }

  list(field: string): readonly Value[] {
    const value = this.required(field);
    return value.elements ?? wrongType(field, value, "array");
  }

  text(field: string): string {
    const value = this.required(field);
    return value.text ?? wrongType(field, value, "string");
  }

  count(field: string): number | undefined {
    const count = this.#optional(field, "number", ({ number }) => number);
    if (count === undefined || count >= 0) return count && Math.trunc(count);
    throw new CommandError(51024, `BSON field '${field}' must be >= 0, actual value '${count}'`);
  }

  /** A switch, which drivers also send as a number. */
  flag(field: string, byDefault = false): boolean {
    const read = (value: Value) =>
      value.type === TYPE.bool || value.number !== undefined ? value.isTruthy : undefined;
    return this.#optional(field, "bool", read) ?? byDefault;
  }
}

export function fieldsIn(value: Value, list: string): Fields {
  return value.fields ?? wrongType(list, value, "object");
}

function wrongType(field: string, { typeName }: Value, expected: string): never {
  throw new CommandError(
    14,
    `BSON field '${field}' is the wrong type '${typeName}', expected type '${expected}'`,
  );
}

export class CommandRequest extends Arguments {
  constructor(
    fields: Fields,
    /** The first field's name, such as `find`. */
    readonly name: string,
    readonly database: string,
    readonly store: Store,
    readonly cursors: Cursors,
    /** Its time limit; `getMore` continues with its cursor's. */
    public budget: TimeBudget,
  ) {
    super(fields);
  }

  get target(): string {
    return this.text(this.name);
  }

  get namespace(): string {
    return `${this.database}.${this.target}`;
  }

  get collection(): Collection | undefined {
    return this.store.find(this.database, this.target);
  }

  /** Answers with a cursor over documents in memory. */
  answerWith(namespace: string, documents: readonly Value[]): Work<Uint8Array> {
    return this.cursors.open({
      namespace,
      source: documents.map(({ bytes }) => bytes).values(),
      batchSize: new Arguments(this.document("cursor")).count("batchSize"),
      budget: this.budget,
    });
  }
}

export function reply(fields: EncodableFields = {}): Uint8Array {
  return toValue({ ...fields, ok: 1 }).bytes;
}
