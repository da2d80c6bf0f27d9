import type { DialectRules } from './dialect';
import { isFailedTask, kindOfGenai, kindOfGenaiRecord } from './genai';

/** The Model Context Protocol, at either end: what a server says of itself is what it serves. */
export const mcp: DialectRules = {
  name: 'mcp',
  detect: (signs) => signs.has('mcp'),
  kindOf: (claims, { span, record }) =>
    record === null ? kindOfGenai(claims) : kindOfGenaiRecord(claims, span.name),
  isError: isFailedTask,
};
