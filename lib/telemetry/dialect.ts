import type { Claims } from './claims';
import type { Dialect, InteractionKind, Origin, Span } from './schema';

/** How one dialect is told from others and what its spans are. A new dialect is a new file of these. */
export type DialectRules = {
  name: Dialect;
  detect(span: Span, origin: Origin): boolean;
  kindOf(claims: Claims): InteractionKind;
};

/** What a span is when it does not say, or says something new: Langfuse's order of precedence. */
export function kindByPresence(claims: Claims): InteractionKind {
  if (claims.has('tool') || claims.has('toolCall')) return 'tool_call';
  return claims.has('responseModel') || claims.has('requestModel') ? 'inference' : 'step';
}
