import type { Claims } from './claims';
import type { InteractionKind, ResourceKind } from './schema';

/** OTLP SpanKind of a call that leaves the process. */
const CLIENT = 3;

/** What an interaction of each kind acts on; null where it acts on nothing of ours. */
export const resourceKindOf: Record<InteractionKind, ResourceKind | null> = {
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

/** What else of an interaction can name its resource. */
export type Named = { model: string | null; server: string | null; client: string | null };

/** An agent invoked over the network: the agent named is the one called, not the one that calls. */
export function isRemoteAgentCall(kind: InteractionKind, spanKind: number): boolean {
  return kind === 'agent_call' && spanKind === CLIENT;
}

/** The name of the resource that an interaction of this kind acts on. */
export function resourceOf(
  kind: InteractionKind,
  spanKind: number,
  claims: Claims,
  { model, server, client }: Named,
): string | null {
  switch (kind) {
    case 'inference':
    case 'embedding':
      return model;
    case 'tool_call':
      return claims.text('tool');
    case 'retrieval':
      return claims.text('dataSource');
    case 'memory':
      return claims.text('memoryStore') ?? claims.text('dataSource');
    case 'mcp':
      return server ?? claims.text('mcpTarget') ?? claims.text('mcpResource');
    case 'agent_call':
      return isRemoteAgentCall(kind, spanKind)
        ? (claims.text('agentName', 'span') ?? server)
        : null;
    case 'data_transfer':
      return server ?? client;
    default:
      return null;
  }
}

/** `address:port`, with an IPv6 address in brackets; the address alone when no port is known. */
export function endpointOf(address: string | null, port: number | null): string | null {
  if (address === null || port === null) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
