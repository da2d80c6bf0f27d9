import { isServing } from './acted-on';
import type { Claims } from './claims';
import { cut, NAME_CHARACTERS_MAX } from './forms';

/**
 * Of the request, for whoever tells of the same call. The numbers of JSON-RPC start anew with each session of
 * MCP, so there only both together are an id.
 */
export function requestOf(claims: Claims): string | null {
  const told = claims.text('requestId');
  const session = claims.peek('mcpSession');
  const number = claims.peek('rpcRequest');
  if (told !== null || session === null || number === null) return told;
  return cut(`${session}/${number}`, NAME_CHARACTERS_MAX);
}

/** An MCP server knows no other conversation than its session; its client's is the agent's own. */
export function conversationOf(claims: Claims, spanKind: number): string | null {
  return claims.text('conversation') ?? (isServing(spanKind) ? claims.text('mcpSession') : null);
}
