import { createHash } from 'node:crypto';
import { type CanonicalValue, canonicalJson } from '@/lib/log/canonical';
import { type Definition, definitionLimits } from './schema';

export type Read = { definitions: Definition[]; unread: number };
type Json = CanonicalValue;
type JsonObject = { readonly [key: string]: Json };

const nameMax = 256;

/**
 * The definitions that a message offers a model, in whatever form senders write them: a list of tools as OpenAI,
 * Anthropic, Google and MCP describe them, flattened lists, JSON within strings. `fallback` names a single definition
 * that says no name. Never throws; what has no name or is no JSON is counted.
 */
export function readTools(text: string, fallback: string | null = null): Read {
  const parsed = parse(text);
  if (parsed === undefined) return { definitions: [], unread: 1 };
  const items = Array.isArray(parsed) ? parsed : [parsed];
  return collect(items.slice(0, definitionLimits.toolsMax), fallback, items.length);
}

/**
 * What an MCP server answers to tools/list, as the one definition of that server: its tools by name. Null where the
 * answer is one page of several, which says nothing of the whole, or no such answer.
 */
export function readServer(text: string, server: string): Definition | null {
  const parsed = parse(text);
  const result = isObject(parsed) && isObject(parsed.result) ? parsed.result : parsed;
  if (!isObject(result) || !Array.isArray(result.tools)) return null;
  if (typeof result.nextCursor === 'string' && result.nextCursor !== '') return null;
  const tools = result.tools.slice(0, definitionLimits.toolsMax).map(unwrapped);
  const named = tools.filter((tool) => isObject(tool) && nameOf(tool) !== null);
  const byName = (tool: Json) => (isObject(tool) ? (nameOf(tool) ?? '') : '');
  return definitionOf(server, { tools: named.sort((a, b) => (byName(a) < byName(b) ? -1 : 1)) });
}

function collect(items: readonly Json[], fallback: string | null, sent: number): Read {
  const definitions: Definition[] = [];
  let unread = sent - items.length;
  for (const item of items) {
    const tool = unwrapped(item);
    if (!isObject(tool)) {
      unread += 1;
      continue;
    }
    const several = tool.functionDeclarations ?? tool.function_declarations;
    if (Array.isArray(several)) {
      const inner = collect(several.slice(0, definitionLimits.toolsMax), null, several.length);
      definitions.push(...inner.definitions);
      unread += inner.unread;
      continue;
    }
    const definition = definitionOf(nameOf(tool) ?? fallback, tool);
    if (definition === null) unread += 1;
    else definitions.push(definition);
  }
  return { definitions: definitions.slice(0, definitionLimits.toolsMax), unread };
}

function definitionOf(name: string | null, tool: JsonObject): Definition | null {
  if (name === null || name === '' || name.length > nameMax || !name.isWellFormed()) return null;
  if (isTooDeep(tool, definitionLimits.depthMax)) return null;
  let text: string;
  try {
    text = canonicalJson(tool);
  } catch {
    // A lone surrogate: no two systems would agree on its bytes.
    return null;
  }
  const bytes = Buffer.byteLength(text);
  const digest = createHash('sha256').update(text).digest('hex');
  return { name, digest, bytes, text: bytes > definitionLimits.bytesMax ? null : text };
}

/** The tool itself, out of what senders put around it. Schemas that are JSON within a string are read too. */
function unwrapped(item: Json): Json {
  const read = typeof item === 'string' ? (parse(item) ?? item) : item;
  if (!isObject(read)) return read;
  const schema = isObject(read.tool) ? read.tool.json_schema : read.json_schema;
  if (schema !== undefined && nameOf(read) === null) return unwrapped(schema);
  const opened: Record<string, Json> = { ...read };
  for (const key of ['parameters', 'input_schema', 'inputSchema', 'outputSchema']) {
    const value = opened[key];
    if (typeof value === 'string') opened[key] = parse(value) ?? value;
  }
  return opened;
}

/** Of a provider's own tool the type is its name. */
function nameOf(tool: JsonObject): string | null {
  const inner = isObject(tool.function) ? tool.function : tool;
  if (typeof inner.name === 'string') return inner.name;
  const isOwn = typeof tool.type === 'string' && tool.type !== 'function' && tool.type !== 'object';
  return isOwn && tool.function === undefined ? String(tool.type) : null;
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function isTooDeep(value: Json | undefined, left: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (left === 0) return true;
  return Object.values(value).some((each) => isTooDeep(each, left - 1));
}
