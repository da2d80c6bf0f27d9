import { isServing } from '../acted-on';
import type { Claims } from '../claims';
import type { DialectRules, Told } from './dialect';

/** gRPC's status codes, by number. */
const codes = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];
/** Those by which whoever serves says that it failed; any other tells the caller what it did wrong. */
const failures = new Set([
  'UNKNOWN',
  'DEADLINE_EXCEEDED',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
]);

/** Connect spells one of them its own way, and sends its codes in small letters. */
const known = new Set([...codes, 'CANCELED']);

/** Other protocols' codes say nothing that is known here, save those of JSON-RPC: it has them for errors only. */
function isError(claims: Claims, { span }: Told): boolean {
  const sent = claims.peek('statusCode') ?? '';
  if (span.statusCode !== 0 || sent === '') return false;
  if (/^-\d+$/.test(sent)) return true;
  const code = codes[Number(sent)] ?? sent.toUpperCase();
  if (!known.has(code) || code === 'OK') return false;
  return !isServing(span.kind) || failures.has(code);
}

/** A remote procedure call, at either end. */
export const rpc: DialectRules = {
  name: 'rpc',
  detect: (signs) => signs.has('rpc'),
  kindOf: (_claims, { record }) => (record === null ? 'data_transfer' : 'event'),
  isError,
  names: {
    operation: ['rpc.method'],
    system: ['rpc.system.name', 'rpc.system'],
    rpcService: ['rpc.service'],
    statusCode: ['rpc.response.status_code', 'rpc.grpc.status_code', 'rpc.connect_rpc.error_code'],
  },
};
