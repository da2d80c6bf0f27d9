import { inBatch } from '../activity/batch';
import { endKinds, endStatuses, roles, writtenKinds } from './schema';

const hash = (bytes: string) => `encode(substring(sha256(${bytes}) FOR 16), 'hex')::uuid`;
const text = (value: string) => `convert_to(${value}, 'UTF8')`;
const listOf = (values: readonly string[]) => values.map((value) => `'${value}'`).join(', ');
const nobody = `'00000000-0000-0000-0000-000000000000'::uuid`;
const place = 'i.received_at, i.shard, i.position';

/** Whose it is: an identity, or who sent what by which declared words; so shadows are nobody's but their own. */
const owner = `CASE WHEN i.identity IS NOT NULL THEN '\\x69' || uuid_send(i.identity)
  ELSE '\\x73' || uuid_send(i.reporter) || coalesce(i.fingerprint, '') END`;

const read = `SELECT ${place}, i.reporter, i.identity, i.session, i.signal, i.kind, i.status, i.model, i.output_tokens,
    i.prompt_id, i.request_id, i.response_id, i.tool_call_id, i.trace, i.span, i.parent, i.span_kind, i.ended_ns,
    ${owner} AS owner, coalesce(i.signal, 'trace') = 'log' AS is_log
  FROM interaction i WHERE ${inBatch('i')} AND i.kind IN (${listOf([...writtenKinds, 'mcp', 'agent_call', 'data_transfer'])})`;

const isServed = `i.span_kind IN ('server', 'consumer')`;

// Ids are chosen by senders and must not reach anybody else's calls, so they hold within one session of one owner.
const ids = `SELECT ${hash(`'\\x6d' || i.owner || uuid_send(i.session)
      || ${text(`CASE i.kind WHEN 'tool_call' THEN 't:' ELSE 'm:' END || id.text`)}`)} AS key,
    ${roles.id} + CASE WHEN i.is_log THEN 0 WHEN ${isServed} THEN 2 ELSE 1 END AS role, i.reporter AS who, ${place}
  FROM read i CROSS JOIN LATERAL unnest(CASE i.kind WHEN 'tool_call' THEN ARRAY[i.request_id, i.tool_call_id]
    ELSE ARRAY[i.request_id, i.response_id] END) AS id(text)
  WHERE i.kind IN (${listOf(writtenKinds)}) AND id.text <> ''`;

// Two rows of buckets of ten seconds, half a bucket apart: what ended within five seconds shares one of them.
const prompts = `SELECT ${hash(
  `'\\x70' || i.owner || uuid_send(i.session) || ${text(
    `half || ':' || i.output_tokens || ':' || (i.ended_ns / 5000000000 + half) / 2 || ':' || coalesce(i.model, '') || ':' || i.prompt_id`,
  )}`,
)} AS key, ${roles.prompt} + CASE WHEN i.is_log THEN 0 ELSE 1 END AS role, i.reporter AS who, ${place}
  FROM read i CROSS JOIN generate_series(0, 1) AS half
  WHERE i.kind = 'inference' AND i.prompt_id <> '' AND i.output_tokens IS NOT NULL`;

const ownSpan = (span: string) => hash(`'\\x6f' || i.owner || i.trace || ${span}`);
const isWritten = `i.trace IS NOT NULL AND i.kind IN (${listOf(writtenKinds)})`;
const writtenRole = `${roles.written} + array_position(ARRAY[${listOf(writtenKinds)}], i.kind) - 1`;

const spans = [
  `SELECT ${ownSpan('i.span')} AS key, ${roles.self} AS role, ${nobody} AS who, ${place}
   FROM read i WHERE ${isWritten} AND i.span IS NOT NULL`,
  `SELECT ${ownSpan('i.parent')}, ${writtenRole}, ${nobody}, ${place}
   FROM read i WHERE ${isWritten} AND i.parent IS NOT NULL AND i.is_log`,
  `SELECT ${ownSpan('i.parent')}, ${roles.nested}, ${nobody}, ${place}
   FROM read i WHERE ${isWritten} AND i.parent IS NOT NULL AND i.span IS NOT NULL AND i.kind = 'inference'
     AND i.response_id <> ''`,
];

const anySpan = (span: string) => hash(`'\\x78' || i.trace || ${span}`);
const isEnd = `i.trace IS NOT NULL AND i.span IS NOT NULL AND i.identity IS NOT NULL AND i.kind <> 'embedding'`;
const endKind = `CASE WHEN i.kind IN ('inference', 'data_transfer') THEN i.kind ELSE 'call' END`;
const servedRole = `${roles.served} + ${endStatuses.length} * (array_position(ARRAY[${listOf(endKinds)}], ${endKind}) - 1)
  + array_position(ARRAY[${listOf(endStatuses)}], i.status) - 1`;

// A shadow is no party to an exchange: it could name anybody's span, and be as many as it has names.
const ends = [
  `SELECT ${anySpan('i.span')}, ${roles.called}, i.identity, ${place}
   FROM read i WHERE ${isEnd} AND i.span_kind IN ('client', 'producer', 'internal')`,
  `SELECT ${anySpan('i.parent')}, ${servedRole}, i.identity, ${place}
   FROM read i WHERE ${isEnd} AND ${isServed} AND i.parent IS NOT NULL
     AND i.status IN (${listOf(endStatuses)})`,
];

const found = (
  selects: readonly string[],
) => `read AS MATERIALIZED (${read}), found AS MATERIALIZED (
  SELECT DISTINCT ON (key, role, who) key, role::smallint, who, received_at, shard, position
  FROM (${selects.join(' UNION ALL ')}) f ORDER BY key, role, who, position)`;

/** What an entry shares with others, where it is kept, and for how long. */
export const keyTables = [
  { table: 'call_id', window: '48 hours', found: found([ids, prompts]) },
  { table: 'exchange_end', window: '15 minutes', found: found([...spans, ...ends]) },
] as const;
export type KeyTable = (typeof keyTables)[number];
