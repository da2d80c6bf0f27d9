/** SQL text with its parameters apart: what a value says can never become part of the statement. */
export class Sql {
  readonly parts: readonly string[];
  readonly values: readonly unknown[];

  constructor(parts: readonly string[], values: readonly unknown[]) {
    this.parts = parts;
    this.values = values;
  }

  get text(): string {
    return this.parts.reduce(
      (text, part, index) => (index === 0 ? part : `${text}$${index}${part}`),
      '',
    );
  }
}

/** A tagged template: each `${value}` becomes a parameter, an `Sql` is spliced in. */
export function sql(strings: TemplateStringsArray, ...values: readonly unknown[]): Sql {
  const parts: string[] = [strings[0] ?? ''];
  const flat: unknown[] = [];
  const extend = (text: string) => {
    parts[parts.length - 1] += text;
  };
  values.forEach((value, index) => {
    if (value instanceof Sql) {
      extend(value.parts[0] ?? '');
      parts.push(...value.parts.slice(1));
      flat.push(...value.values);
      extend(strings[index + 1] ?? '');
    } else {
      flat.push(value);
      parts.push(strings[index + 1] ?? '');
    }
  });
  return new Sql(parts, flat);
}

/** Conditions that all must hold. */
export const allOf = (conditions: readonly Sql[]): Sql =>
  conditions.reduce(
    (all, condition, index) => (index === 0 ? condition : sql`${all} AND ${condition}`),
    sql`true`,
  );
