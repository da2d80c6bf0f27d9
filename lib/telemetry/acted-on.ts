import type { Claims } from './claims';
import type { InteractionKind, ResourceKind } from './schema';

/** OTLP SpanKind of a call that leaves the process. */
const CLIENT = 3;

export type ActedOn = { resourceKind: ResourceKind | null; resource: string | null };

export type Addresses = {
  serverAddress: string | null;
  serverPort: number | null;
  clientAddress: string | null;
};

/** An agent invoked over the network: the agent named is the one called, not the one that calls. */
export function isRemoteAgentCall(kind: InteractionKind, spanKind: number): boolean {
  return kind === 'agent_call' && spanKind === CLIENT;
}

/** The resource that an interaction of this kind acts on, as far as it is named. */
export function actedOn(
  kind: InteractionKind,
  spanKind: number,
  { claims, model, addresses }: { claims: Claims; model: string | null; addresses: Addresses },
): ActedOn {
  switch (kind) {
    case 'inference':
    case 'embedding':
      return named('model', model);
    case 'tool_call':
      return named('tool', claims.text('tool'));
    case 'retrieval':
      return named('data_source', claims.text('dataSource'));
    case 'memory':
      return named('data_source', claims.text('memoryStore') ?? claims.text('dataSource'));
    case 'mcp':
      return named(
        'mcp_server',
        endpointOf(addresses) ?? claims.text('mcpTarget') ?? claims.text('mcpResource'),
      );
    case 'agent_call':
      return isRemoteAgentCall(kind, spanKind)
        ? named('endpoint', claims.text('agentName', 'span') ?? endpointOf(addresses))
        : named('endpoint', null);
    case 'data_transfer':
      return named('endpoint', endpointOf(addresses) ?? addresses.clientAddress);
    default:
      return named('endpoint', null);
  }
}

const named = (kind: ResourceKind, resource: string | null): ActedOn => ({
  resourceKind: resource === null ? null : kind,
  resource,
});

function endpointOf({ serverAddress, serverPort }: Addresses): string | null {
  if (serverAddress === null || serverPort === null) return serverAddress;
  return serverAddress.includes(':')
    ? `[${serverAddress}]:${serverPort}`
    : `${serverAddress}:${serverPort}`;
}
