import {
  type BareItem,
  type InnerList,
  type Item,
  parseDictionary,
  serializeInnerList,
  serializeItem,
} from 'structured-headers';
import type { Message } from './outcome';

const componentsMax = 50;
const derived = [
  '@method',
  '@target-uri',
  '@authority',
  '@scheme',
  '@request-target',
  '@path',
  '@query',
];

/**
 * The text that was signed (RFC 9421, section 2.5), of a request. Null where a component is named twice, is not there, is
 * one of an answer, or cannot be told for certain from what was received.
 */
export function signatureBaseOf(message: Message, input: InnerList): string | null {
  const [components] = input;
  if (components.length > componentsMax) return null;
  const lines: string[] = [];
  const seen = new Set<string>();
  for (const item of components) {
    const name = serializeItem(item);
    const value = valueOfComponent(message, item);
    if (seen.has(name) || value === null) return null;
    seen.add(name);
    lines.push(`${name}: ${value}`);
  }
  return [...lines, `"@signature-params": ${serializeInnerList(input)}`].join('\n');
}

/** Names of the components that are signed as a whole. */
export const coveredBy = ([components]: InnerList): Set<string> =>
  new Set(
    components.flatMap(([name, params]) =>
      typeof name === 'string' && params.size === 0 ? [name] : [],
    ),
  );

function valueOfComponent(message: Message, [name, params]: Item): string | null {
  if (typeof name !== 'string' || name !== name.toLowerCase()) return null;
  if (name.startsWith('@')) return derivedOf(message, name, params);
  const values = message.headers.get(name);
  if (values === undefined) return null;
  const allowed = [...params.keys()];
  if (allowed.length === 0) return joined(values);
  // `sf` needs the type of a field, `req` and `tr` are of what is not here.
  if (allowed.length > 1) return null;
  if (params.get('bs') === true)
    return values.map((each) => `:${Buffer.from(unfolded(each)).toString('base64')}:`).join(', ');
  return memberOf(joined(values), params.get('key'));
}

function derivedOf(
  { method, url }: Message,
  name: string,
  params: ReadonlyMap<string, BareItem>,
): string | null {
  const parsed = new URL(url);
  if (name === '@query-param') return queryParamOf(parsed, params);
  if (params.size > 0 || !derived.includes(name)) return null;
  switch (name) {
    case '@method':
      return method;
    case '@target-uri':
      return url;
    case '@authority':
      return parsed.host;
    case '@scheme':
      return parsed.protocol.slice(0, -1);
    case '@path':
      return parsed.pathname;
    case '@query':
      return parsed.search === '' ? '?' : parsed.search;
    default:
      return `${parsed.pathname}${parsed.search}`;
  }
}

/** Section 2.2.8: one that is there twice could be either. */
function queryParamOf(url: URL, params: ReadonlyMap<string, BareItem>): string | null {
  const name = params.get('name');
  if (typeof name !== 'string' || params.size !== 1) return null;
  const values = [...url.searchParams].filter(([each]) => encoded(each) === name);
  const [first] = values;
  return values.length === 1 && first !== undefined ? encoded(first[1]) : null;
}

/** As application/x-www-form-urlencoded, with a space as `%20`. */
const encoded = (text: string) =>
  encodeURIComponent(text).replace(
    /[!'()~]/g,
    (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const unfolded = (value: string) => value.trim().replace(/[ \t]*\r?\n[ \t]+/g, ' ');

/** Null where a line of its own could be written into the text that is signed. */
function joined(values: readonly string[]): string | null {
  const text = values.map(unfolded).join(', ');
  return /[\r\n]/.test(text) ? null : text;
}

function memberOf(text: string | null, key: BareItem | undefined): string | null {
  if (typeof key !== 'string' || text === null) return null;
  const member = parseDictionary(text).get(key);
  if (member === undefined) return null;
  return isInnerList(member) ? serializeInnerList(member) : serializeItem(member);
}

export const isInnerList = (member: Item | InnerList): member is InnerList =>
  Array.isArray(member[0]);
