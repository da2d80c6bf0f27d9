import type { Claims } from './claims';
import type { DialectRules, Named, Resource } from './dialects/dialect';
import type { InteractionKind, ResourceKind } from './schema';

/** OTLP SpanKind of a call that is served, and of one that leaves the process. */
const SERVER = 2;
const CLIENT = 3;

/** What an interaction of each kind acts on; null where it acts on nothing of ours. */
const resourceKindOf: Record<InteractionKind, ResourceKind | null> = {
  inference: 'model',
  embedding: 'model',
  retrieval: 'data_source',
  tool_call: 'tool',
  agent_call: 'endpoint',
  memory: 'data_source',
  mcp: 'mcp_server',
  data_transfer: 'endpoint',
  process: null,
  step: null,
  event: null,
};

export const isServing = (spanKind: number): boolean => spanKind === SERVER;
export const isCalling = (spanKind: number): boolean => spanKind === CLIENT;

/** An agent invoked over the network: the agent named is the one called, not the one that calls. */
export function isRemoteAgentCall(kind: InteractionKind, spanKind: number): boolean {
  return kind === 'agent_call' && isCalling(spanKind);
}

export type Act = { rules: DialectRules; kind: InteractionKind; spanKind: number };

/** What an interaction acts on: as its dialect says, else by its kind. */
export function resourceOf(act: Act, claims: Claims, named: Named): Resource | null {
  const own = act.rules.resourceOf?.(claims, named, act.kind) ?? null;
  if (own !== null) return own;
  const kind = resourceKindOf[act.kind];
  const name = kind === null ? null : nameOf(act, claims, named);
  return kind === null || name === null ? null : { kind, name };
}

function nameOf({ kind, spanKind }: Act, claims: Claims, named: Named): string | null {
  const { model, server, peer, service } = named;
  switch (kind) {
    case 'inference':
    case 'embedding':
      return model;
    case 'tool_call': {
      const tool = claims.text('tool') ?? claims.text('entity');
      return tool === null ? null : toolOf(claims.text('mcpTarget'), tool);
    }
    case 'retrieval':
      return claims.text('dataSource');
    case 'memory':
      return claims.text('memoryStore') ?? claims.text('dataSource');
    case 'mcp': {
      const said = server ?? claims.text('mcpTarget');
      // Who serves is the server, and seldom says where it can be reached.
      return said ?? (isServing(spanKind) ? service : null) ?? claims.text('mcpResource');
    }
    case 'agent_call':
      return isRemoteAgentCall(kind, spanKind)
        ? (claims.text('agentName', 'span') ?? server)
        : null;
    case 'data_transfer':
      return peer ?? claims.text('rpcService');
    default:
      return null;
  }
}

/** Tools of two MCP servers are two, though they have one name: what names its server has it before it. */
export const toolOf = (server: string | null, tool: string): string =>
  server === null ? tool : `${server}/${tool}`;

/** `address:port`, with an IPv6 address in brackets; the address alone when no port is known. */
export function endpointOf(address: string | null, port: number | null): string | null {
  if (address === null || port === null) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
