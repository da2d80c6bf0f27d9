import type { DialectRules } from './dialect';

/** A remote procedure call, at either end. */
export const rpc: DialectRules = {
  name: 'rpc',
  detect: (signs) => signs.has('rpc'),
  kindOf: (_claims, { record }) => (record === null ? 'data_transfer' : 'event'),
  names: {
    operation: ['rpc.method'],
    system: ['rpc.system.name', 'rpc.system'],
    rpcService: ['rpc.service'],
    statusCode: ['rpc.response.status_code', 'rpc.grpc.status_code', 'rpc.connect_rpc.error_code'],
  },
};
