import path from 'node:path';
import { setting } from './environment.mjs';

/**
 * What Node is told to run as one of the processes, from the root of the checkout.
 * @param {'gateway' | 'worker' | 'console'} name
 */
export function programOf(name) {
  if (name !== 'console') return [path.join('dist', `${name}.js`)];
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
