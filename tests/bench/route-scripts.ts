import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import { type Figure, figure } from './report';

const built = path.resolve('.next');
const Build = z.object({ rootMainFiles: z.array(z.string()) });
const Route = z.object({ entryJSFiles: z.record(z.string(), z.array(z.string())) });

/**
 * What a browser loads to run the inventory, its layouts and their error pages: from the console's build, gzipped.
 * Nothing where the console was not built. Polyfills are for browsers that know no modules.
 */
export function scriptFigures(): Figure[] {
  if (!existsSync(path.join(built, 'build-manifest.json'))) return [];
  const { rootMainFiles } = Build.parse(JSON.parse(read('build-manifest.json').toString()));
  const manifest = read('server/app/(console)/inventory/page_client-reference-manifest.js');
  const text = manifest.toString();
  const { entryJSFiles } = Route.parse(JSON.parse(/=\s*(\{.*\});?\s*$/s.exec(text)?.[1] ?? '{}'));
  const files = new Set([...rootMainFiles, ...Object.values(entryJSFiles).flat()]);
  const bytes = [...files].reduce((sum, file) => sum + gzipSync(read(file)).length, 0);
  return [figure('inventory route, JavaScript gzipped', bytes / 1000, 'kB', { max: 220 })];
}

const read = (file: string): Buffer => readFileSync(path.join(built, file));
