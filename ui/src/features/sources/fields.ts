/** The part of JSON Schema that connectors use for their settings, read into fields of a form. */
interface Property {
  type?: string;
  title?: string;
  description?: string;
  default?: unknown;
  enum?: string[];
  examples?: unknown[];
  format?: string;
  writeOnly?: boolean;
  minimum?: number;
  maximum?: number;
  anyOf?: Property[];
  $ref?: string;
}

interface Schema {
  properties?: Record<string, Property>;
  required?: string[];
  $defs?: Record<string, Property>;
}

export interface Field {
  name: string;
  title: string;
  description: string | undefined;
  kind: 'text' | 'number' | 'choice' | 'switch' | 'secret';
  required: boolean;
  choices: string[];
  initial: string;
  example: string | undefined;
  minimum: number | undefined;
  maximum: number | undefined;
}

function resolved(property: Property, schema: Schema): Property {
  const branch = property.anyOf?.find((each) => each.type !== 'null');
  const name = (property.$ref ?? branch?.$ref)?.split('/').at(-1);
  return { ...(name ? schema.$defs?.[name] : undefined), ...branch, ...property };
}

function kindOf(property: Property, secret: boolean): Field['kind'] {
  if (secret || property.writeOnly || property.format === 'password') return 'secret';
  if (property.enum) return 'choice';
  if (property.type === 'integer' || property.type === 'number') return 'number';
  return property.type === 'boolean' ? 'switch' : 'text';
}

/** The fields of a connector's settings; what must be filled in keeps the order of the schema. */
export function fieldsOf(raw: unknown, secrets: readonly string[]): Field[] {
  const schema = raw as Schema;
  return Object.entries(schema.properties ?? {}).map(([name, given]) => {
    const property = resolved(given, schema);
    return {
      name,
      title: given.title ?? property.title ?? name,
      description: given.description,
      kind: kindOf(property, secrets.includes(name)),
      required: schema.required?.includes(name) ?? false,
      choices: property.enum ?? [],
      initial: given.default === undefined || given.default === null ? '' : String(given.default),
      example: given.examples?.[0] === undefined ? undefined : String(given.examples[0]),
      minimum: property.minimum,
      maximum: property.maximum,
    };
  });
}

export type Values = Record<string, string>;

export const initialOf = (fields: readonly Field[]): Values => Object.fromEntries(fields.map((field) => [field.name, field.initial]));

const typed = (field: Field, value: string): unknown => (field.kind === 'number' ? Number(value) : field.kind === 'switch' ? value === 'true' : value);

/** What is sent: empty fields are left out, secrets go their own way. */
export function sentOf(fields: readonly Field[], values: Values): { settings: Record<string, unknown>; secrets: Record<string, string> } {
  const filled = fields.filter((field) => (values[field.name] ?? '') !== '');
  return {
    settings: Object.fromEntries(filled.filter((field) => field.kind !== 'secret').map((field) => [field.name, typed(field, values[field.name] ?? '')])),
    secrets: Object.fromEntries(filled.filter((field) => field.kind === 'secret').map((field) => [field.name, values[field.name] ?? ''])),
  };
}

export const isComplete = (fields: readonly Field[], values: Values): boolean => fields.every((field) => !field.required || (values[field.name] ?? '') !== '');
