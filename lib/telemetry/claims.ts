import { type Alias, type AliasTable, aliasOf, type Slot } from './aliases';
import { cut, isNegativeCount, longest, readForm } from './forms';
import { nestList } from './nest';
import { renderText } from './render';
import { type AnyValue, type Attributes, marks } from './schema';

export type Claim = {
  alias: Alias;
  /** For a flattened list: nothing until it is nested. */
  value: AnyValue;
  /** Position in the list of attributes; of a flattened list, the first of them. */
  at: number;
  more: number[] | null;
};

/** One list of attributes, read by an alias table. */
export type Reading = {
  attributes: Attributes;
  claims: SlotMap;
  /** Positions whose key came before: never read, always kept. */
  repeated: number[];
  marks: number;
};

/** What claims each slot. */
class SlotMap {
  private readonly claims = new Map<Slot, Claim>();

  get(slot: Slot): Claim | undefined {
    return this.claims.get(slot);
  }

  set(slot: Slot, claim: Claim): void {
    this.claims.set(slot, claim);
  }

  all(): Claim[] {
    return [...this.claims.values()];
  }
}

export function readAttributes(attributes: Attributes, table: AliasTable): Reading {
  const reading: Reading = { attributes, claims: new SlotMap(), repeated: [], marks: 0 };
  const keys = new Set<string>();
  let at = -1;
  for (const [key, value] of attributes) {
    at += 1;
    if (keys.size === keys.add(key).size) {
      reading.repeated.push(at);
      reading.marks |= marks.duplicate_keys;
      continue;
    }
    const alias = aliasOf(table, key);
    if (alias !== undefined) propose(reading, alias, value, at);
  }
  return reading;
}

function propose(reading: Reading, alias: Alias, value: AnyValue, at: number): void {
  const known = reading.claims.get(alias.slot);
  if (alias.listPrefix !== null && known?.alias === alias) {
    known.more ??= [];
    known.more.push(at);
    return;
  }
  if (alias.form === 'count' && isNegativeCount(value)) reading.marks |= marks.negative_tokens;
  const read = alias.listPrefix !== null ? null : readForm(alias.form, value);
  if (read === undefined || (known !== undefined && known.alias.rank <= alias.rank)) return;
  reading.claims.set(alias.slot, { alias, value: read, at, more: null });
}

/**
 * What a span and its resource tell, by slot. To take a slot claims its attributes; what nobody took,
 * or what was taken cut short, is what remains.
 */
export class Claims {
  marks: number;
  /** By position among the span's attributes, and among the resource's. */
  readonly taken: boolean[];
  readonly takenFromResource: boolean[];
  private readonly span: Reading;
  private readonly resource: Reading;

  constructor(span: Reading, resource: Reading) {
    this.span = span;
    this.resource = resource;
    this.marks = span.marks | resource.marks;
    this.taken = new Array(span.attributes.length).fill(false);
    this.takenFromResource = new Array(resource.attributes.length).fill(false);
  }

  has(slot: Slot): boolean {
    return (this.span.claims.get(slot) ?? this.resource.claims.get(slot)) !== undefined;
  }

  /** Looks without claiming. */
  peek(slot: Slot): string | null {
    const claim = this.span.claims.get(slot) ?? this.resource.claims.get(slot);
    return typeof claim?.value === 'string' ? claim.value : null;
  }

  /** At most as long as the slot's form allows; what was cut stays among the attributes in full. */
  text(slot: Slot, from: 'any' | 'span' | 'resource' = 'any'): string | null {
    const own = from === 'resource' ? undefined : this.span.claims.get(slot);
    const claim = own ?? (from === 'span' ? undefined : this.resource.claims.get(slot));
    if (typeof claim?.value !== 'string') return null;
    const text = cut(claim.value, longest[claim.alias.form]);
    if (text.length < claim.value.length) this.marks |= marks.truncated;
    else (own === undefined ? this.takenFromResource : this.taken)[claim.at] = true;
    return text;
  }

  flag(slot: Slot): boolean | null {
    const claim = this.span.claims.get(slot);
    if (typeof claim?.value !== 'boolean') return null;
    this.taken[claim.at] = true;
    return claim.value;
  }

  /** Looks without claiming. */
  peekNumber(slot: Slot): number | null {
    const value = this.span.claims.get(slot)?.value;
    return typeof value === 'number' ? value : null;
  }

  number(slot: Slot): number | null {
    const claim = this.span.claims.get(slot);
    if (typeof claim?.value !== 'number') return null;
    this.taken[claim.at] = true;
    return claim.value;
  }

  /** A body's text, nested again where it was sent flattened. */
  content(slot: Slot): string | null {
    const claim = this.span.claims.get(slot);
    if (claim === undefined) return null;
    const { listPrefix } = claim.alias;
    if (listPrefix !== null) return this.nested([claim.at, ...(claim.more ?? [])], listPrefix);
    this.taken[claim.at] = true;
    return renderText(claim.value);
  }

  private nested(at: number[], listPrefix: string): string | null {
    const pairs = at.map((position) => {
      const [key, value] = this.span.attributes[position] ?? ['', null];
      return [key.slice(listPrefix.length), value] as const;
    });
    const { text, refused } = nestList(pairs);
    const isRefused = new Set(refused);
    at.forEach((position, pair) => {
      if (!isRefused.has(pair)) this.taken[position] = true;
    });
    return refused.length === at.length ? null : text;
  }
}
