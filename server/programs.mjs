import path from 'node:path';
import { setting } from './environment.mjs';

/**
 * What a request leaves behind dies with its commit: with room for a few groups in the young generation
 * hardly any of it is ever copied (a tenth of the gateway's processor time).
 */
export const gatewayFlags = ['--max-semi-space-size=64'];

/**
 * What Node is told to run as one of the processes, from the root of the checkout.
 * @param {'gateway' | 'worker' | 'console'} name
 */
export function programOf(name) {
  if (name === 'gateway') return [...gatewayFlags, path.join('dist', 'gateway.js')];
  if (name === 'worker') return [path.join('dist', 'worker.js')];
  return [
    '--import',
    new URL('watch-parent.mjs', import.meta.url).href,
    path.join('node_modules', 'next', 'dist', 'bin', 'next'),
    'start',
    '--hostname',
    setting('HOST') ?? '127.0.0.1',
    '--port',
    setting('PORT') ?? '3000',
  ];
}
