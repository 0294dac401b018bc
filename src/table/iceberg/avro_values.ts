import type { AvroReader, AvroWriter } from "./avro_bytes.ts";

/** A schema as Avro writes it in JSON. A list is a union; a text may be the name of a type that was given before. */
export type AvroSchema = string | readonly AvroSchema[] | ComplexSchema;

interface ComplexSchema {
  readonly type: AvroSchema;
  readonly name?: string;
  readonly namespace?: string;
  readonly fields?: readonly AvroField[];
  readonly items?: AvroSchema;
  readonly values?: AvroSchema;
  readonly size?: number;
}

export interface AvroField {
  readonly name: string;
  readonly type: AvroSchema;
  readonly "field-id"?: number;
  readonly default?: unknown;
}

/** Reads or writes values of a schema; records are objects whose fields have the names that `nameOf` gives. */
export class AvroValues {
  readonly #named = new Map<string, ComplexSchema>();
  readonly #nameOf: (field: AvroField) => string;

  constructor(nameOf: (field: AvroField) => string = ({ name }) => name) {
    this.#nameOf = nameOf;
  }

  read(schema: AvroSchema, from: AvroReader): unknown {
    if (isUnion(schema)) {
      const branch = schema[from.int()];
      if (branch === undefined) throw new RangeError("a value is of no type");
      return this.read(branch, from);
    }
    if (typeof schema === "string") return this.#readPlain(schema, from);
    this.#note(schema);
    switch (schema.type) {
      case "record": {
        const record: Record<string, unknown> = {};
        for (const field of schema.fields ?? []) {
          record[this.#nameOf(field)] = this.read(field.type, from);
        }
        return record;
      }
      case "array":
        return this.#readBlocks(from, () => this.read(schema.items!, from));
      case "map":
        return Object.fromEntries(
          this.#readBlocks(from, () => [from.text(), this.read(schema.values!, from)] as const),
        );
      case "fixed":
        return new Uint8Array(from.take(schema.size!));
      case "enum":
        return from.int();
      default:
        return this.read(schema.type, from);
    }
  }

  write(schema: AvroSchema, value: unknown, to: AvroWriter): void {
    if (isUnion(schema)) {
      // Ours are of null and one other type.
      const isNull = (value ?? null) === null;
      const index = schema.findIndex((each) => (each === "null") === isNull);
      if (index === -1) throw new RangeError("a value is of no type");
      to.long(index);
      return this.write(schema[index]!, value, to);
    }
    if (typeof schema === "string") return this.#writePlain(schema, value, to);
    switch (schema.type) {
      case "record":
        for (const field of schema.fields ?? []) {
          this.write(field.type, (value as Record<string, unknown>)[field.name], to);
        }
        return;
      case "array": {
        const items = value as readonly unknown[];
        if (items.length > 0) to.long(items.length);
        for (const item of items) this.write(schema.items!, item, to);
        return to.long(0);
      }
      default:
        return this.write(schema.type, value, to);
    }
  }

  #readPlain(name: string, from: AvroReader): unknown {
    switch (name) {
      case "null":
        return null;
      case "boolean":
        return from.byte() !== 0;
      case "int":
        return from.int();
      case "long":
        return from.long();
      case "float":
        return from.float();
      case "double":
        return from.double();
      case "bytes":
        return from.bytes();
      case "string":
        return from.text();
      default: {
        const named = this.#named.get(plainName(name));
        if (named === undefined) throw new RangeError(`its type ${name} is not known`);
        return this.read(named, from);
      }
    }
  }

  #writePlain(name: string, value: unknown, to: AvroWriter): void {
    switch (name) {
      case "null":
        return;
      case "boolean":
        return to.byte(value ? 1 : 0);
      case "int":
      case "long":
        return to.long(value as bigint);
      case "bytes":
        return to.bytes(value as Uint8Array);
      case "string":
        return to.text(value as string);
      default:
        throw new RangeError(`nothing of the type ${name} is written`);
    }
  }

  #readBlocks<T>(from: AvroReader, read: () => T): T[] {
    const values: T[] = [];
    for (;;) {
      let count = from.int();
      if (count === 0) return values;
      if (count < 0) {
        // The block's size in bytes comes behind a negative count.
        from.long();
        count = -count;
      }
      for (let i = 0; i < count; i++) values.push(read());
    }
  }

  #note(schema: ComplexSchema): void {
    if (schema.name !== undefined) this.#named.set(plainName(schema.name), schema);
  }
}

/** Without a namespace: no two types of one file differ in that alone. */
function plainName(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

function isUnion(schema: AvroSchema): schema is readonly AvroSchema[] {
  return Array.isArray(schema);
}
