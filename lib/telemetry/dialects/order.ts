import { type AliasTable, aliasTable, contextAliases, merged, spanAliases } from '../aliases';
import { claudeCode } from './claude-code';
import { codex } from './codex';
import { database } from './database';
import type { DialectRules } from './dialect';
import { faas } from './faas';
import { geminiCli } from './gemini-cli';
import { genai } from './genai';
import { http } from './http';
import { logfire } from './logfire';
import { mcp } from './mcp';
import { messaging } from './messaging';
import { openInference } from './openinference';
import { rpc } from './rpc';
import type { Signs } from './signs';
import { traceloop } from './traceloop';
import { unknown } from './unknown';
import { vercel } from './vercel';

/** What carries the calls of the others, and is an exchange of data in its own right. */
const carriers: readonly DialectRules[] = [database, messaging, rpc, http, faas];

/**
 * The first that recognises an item reads it. A sender's own names go before the conventions it may send as
 * well, a convention for AI before one for what carries it, and the carried before the carrier: a query of a
 * database over HTTP is a query. `unknown` recognises what none of them does.
 */
export const dialectOrder: readonly DialectRules[] = [
  claudeCode,
  codex,
  geminiCli,
  openInference,
  traceloop,
  vercel,
  logfire,
  mcp,
  genai,
  ...carriers,
  unknown,
];

type Tables = { table: AliasTable; byName: ReadonlyMap<string, AliasTable> };

const tables = new Map<DialectRules, Tables>(
  dialectOrder.map((rules) => {
    const names = merged(rules.namesFirst, spanAliases, rules.names, contextAliases);
    const byName = Object.entries(rules.namesOf ?? {}).map(
      ([name, more]) => [name, aliasTable(merged(more, names))] as const,
    );
    return [rules, { table: aliasTable(names), byName: new Map(byName) }];
  }),
);

/** Context alone makes no call: a request that says whose it is stays a request, or it would count nowhere. */
export function dialectOf(signs: Signs): DialectRules {
  for (const rules of signs.isOfCarrier ? carriers : dialectOrder)
    if (rules.detect(signs)) return rules;
  return unknown;
}

/** The names by which a dialect's item of this name is read. */
export function tableOf(rules: DialectRules, name: string): AliasTable {
  const own = tables.get(rules);
  // Every dialect of the order has its tables.
  if (own === undefined) throw new Error(`No names are known of ${rules.name}.`);
  return own.byName.size === 0 ? own.table : (own.byName.get(name) ?? own.table);
}
