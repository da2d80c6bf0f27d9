import type { SlotForm } from './aliases';
import type { AnyValue } from './schema';
import { soundText } from './sound-text';

export const NAME_CHARACTERS_MAX = 256;
export const TEXT_CHARACTERS_MAX = 512;

/** What a slot takes a value for; undefined when it cannot, and the value stays an attribute. */
export function readForm(form: SlotForm, value: AnyValue): AnyValue | undefined {
  switch (form) {
    case 'content':
      return isEmpty(value) ? undefined : value;
    case 'count':
      return readCount(value);
    case 'amount':
      return readAmount(value);
    case 'port':
      return readPort(value);
    case 'flag':
      return readFlag(value);
    default:
      return readName(value);
  }
}

export const longest: Record<SlotForm, number> = {
  name: NAME_CHARACTERS_MAX,
  text: TEXT_CHARACTERS_MAX,
  count: Number.POSITIVE_INFINITY,
  amount: Number.POSITIVE_INFINITY,
  port: Number.POSITIVE_INFINITY,
  flag: Number.POSITIVE_INFINITY,
  content: Number.POSITIVE_INFINITY,
};

/** Cut at a code point's boundary. */
export function cut(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text;
  const last = text.charCodeAt(charactersMax - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? charactersMax - 1 : charactersMax);
}

/** A count below zero is not believed, and is worth a mark of its own. */
export function isNegativeCount(value: AnyValue): boolean {
  if (typeof value === 'string') return /^-\d{1,40}$/.test(value) && /[1-9]/.test(value);
  return (typeof value === 'number' || typeof value === 'bigint') && value < 0;
}

/** A name, or an id that was sent as a whole number. */
function readName(value: AnyValue): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) return `${value}`;
  return undefined;
}

function readCount(value: AnyValue): number | undefined {
  const count = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0
    ? count + 0
    : undefined;
}

function readAmount(value: AnyValue): number | undefined {
  const isDecimal =
    typeof value === 'string' && /^\d{1,15}(?:\.\d{1,30})?(?:[eE][+-]?\d{1,2})?$/.test(value);
  const amount = isDecimal ? Number(value) : value;
  return typeof amount === 'number' && Number.isFinite(amount) && amount >= 0
    ? amount + 0
    : undefined;
}

function readPort(value: AnyValue): number | undefined {
  const port = readCount(value);
  return port !== undefined && port <= 65_535 ? port : undefined;
}

function readFlag(value: AnyValue): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const word = typeof value === 'string' && value.length <= 5 ? value.toLowerCase() : '';
  return word === 'true' ? true : word === 'false' ? false : undefined;
}

/** A name out of something else's JSON: a string that is short enough to be one. No decoder has looked at it. */
export function stringOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' && value.length <= NAME_CHARACTERS_MAX
    ? soundText(value)
    : null;
}

function isEmpty(value: AnyValue): boolean {
  if (value === null || value === '') return true;
  return typeof value === 'object' && !(value instanceof Uint8Array)
    ? Object.keys(value).length === 0
    : typeof value === 'object' && value instanceof Uint8Array && value.length === 0;
}
