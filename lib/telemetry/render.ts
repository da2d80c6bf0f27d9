import type { AnyMap, AnyValue } from './schema';

/**
 * JSON text of an AnyValue: integers beyond a double keep their digits, bytes are base64,
 * NaN and the infinities are strings. Recursion is bounded by the decoder's depth limit.
 */
export function renderJson(value: AnyValue): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return Number.isFinite(value) ? `${value}` : `"${value}"`;
    case 'bigint':
    case 'boolean':
      return `${value}`;
    default:
      if (value === null) return 'null';
      if (value instanceof Uint8Array) return `"${bytesText(value, 'base64')}"`;
      return Array.isArray(value) ? renderList(value) : renderMap(value);
  }
}

/** A body's text: a string is passed on as it was sent, anything else is rendered. */
export function renderText(value: AnyValue): string {
  return typeof value === 'string' ? value : renderJson(value);
}

export function bytesText(bytes: Uint8Array, encoding: 'hex' | 'base64'): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(encoding);
}

function renderList(values: AnyValue[]): string {
  let text = '[';
  for (const value of values) text += (text.length > 1 ? ',' : '') + renderJson(value);
  return `${text}]`;
}

function renderMap(map: AnyMap): string {
  let text = '{';
  for (const [key, value] of Object.entries(map))
    text += `${text.length > 1 ? ',' : ''}${JSON.stringify(key)}:${renderJson(value)}`;
  return `${text}}`;
}
