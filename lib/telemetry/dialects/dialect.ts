import type { AliasNames } from '../aliases';
import type { Claims } from '../claims';
import type {
  AnyValue,
  Dialect,
  InteractionKind,
  LogRecord,
  Origin,
  ResourceKind,
  Span,
} from '../schema';
import type { Signs } from './signs';

/** A span, or a log record in the shape of one with what only records have. */
export type Told = { span: Span; record: LogRecord | null };

/** What else of an interaction can name its resource. */
export type Named = {
  model: string | null;
  server: string | null;
  /** Who is at the other end: of a served call the client, of one that is made the server. */
  peer: string | null;
  service: string | null;
};

export type Resource = { kind: ResourceKind; name: string };

/** How one dialect is told from others and what its items are. A new dialect is a new file of these. */
export type DialectRules = {
  name: Dialect;
  detect(signs: Signs): boolean;
  /** All spans of one batch share their origin, the object. */
  kindOf(claims: Claims, told: Told, origin: Origin): InteractionKind;
  /** Names that only this dialect gives, read after the conventions' own. */
  names?: AliasNames;
  /** The same, read before them. */
  namesFirst?: AliasNames;
  /** More of them, for items of one name. */
  namesOf?: Record<string, AliasNames>;
  /** Where the kind alone does not say what is acted on. */
  resourceOf?(claims: Claims, named: Named, kind: InteractionKind): Resource | null;
  /** Of an item that no status code and no error type says it of. */
  isError?(claims: Claims, told: Told): boolean;
  /** The name to show, where the one sent may hold what no fact should. */
  nameOf?(name: string): string;
  /** What the body of a record of this name is; otherwise it stays among the attributes. */
  bodyOf?(name: string, body: AnyValue): { slot: 'input' | 'output'; text: string } | null;
};

/** What an item is when it does not say, or says something new: Langfuse's order of precedence. */
export function kindByPresence(claims: Claims): InteractionKind {
  if (claims.has('tool') || claims.has('toolCall')) return 'tool_call';
  return claims.has('responseModel') || claims.has('requestModel') ? 'inference' : 'step';
}
