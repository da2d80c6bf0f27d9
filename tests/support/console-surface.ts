import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const root = path.resolve(import.meta.dirname, '../..');

const filesNamed = (name: string): string[] =>
  readdirSync(path.join(root, 'app'), { recursive: true, encoding: 'utf8' })
    .filter((file) => path.basename(file) === name)
    .map((file) => path.posix.join('app', file))
    .sort();

/** The address of a file below app/: groups are no part of it. */
const addressOf = (file: string) =>
  path.posix
    .dirname(file)
    .replace(/^app/, '')
    .replace(/\/\([^/]+\)/g, '') || '/';

/** The addresses of pages, as `/sessions/[id]`. */
export const pages = (): string[] => filesNamed('page.tsx').map(addressOf);

/** What route handlers answer, as `GET /api/live/tail`: read from their sources, so that none is forgotten. */
export const routes = (): string[] =>
  filesNamed('route.ts').flatMap((file) => {
    const text = readFileSync(path.join(root, file), 'utf8');
    const methods = [
      ...text.matchAll(/^export (?:const|async function|function) ([A-Z]+)\b/gm),
      ...[...text.matchAll(/^export \{([^}]*)\}/gm)].flatMap(([, names = '']) => [
        ...names.matchAll(/\b(?:as )?([A-Z]+)\b/g),
      ]),
    ];
    return methods.map(([, method]) => `${method} ${addressOf(file)}`);
  });

/** The functions that browsers may call, as their sources export them: `app/sign-in/actions.ts#askPasskey`. */
export const exportedActions = (): string[] =>
  readdirSync(path.join(root, 'app'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => path.posix.join('app', file))
    .flatMap((file) => {
      const text = readFileSync(path.join(root, file), 'utf8');
      if (!/^['"]use server['"];/m.test(text)) return [];
      return [...text.matchAll(/^export (?:async function|const) (\w+)/gm)].map(
        ([, name]) => `${file}#${name}`,
      );
    })
    .sort();

const Manifest = z.object({
  node: z.record(
    z.string(),
    z.object({
      exportedName: z.string(),
      filename: z.string(),
      workers: z.record(z.string(), z.unknown()),
    }),
  ),
});

/** A server action as the built console knows it: the id that browsers send, and a page that takes it. */
export type BuiltAction = { name: string; id: string; address: string };

export function builtActions(): BuiltAction[] {
  const file = path.join(root, '.next/server/server-reference-manifest.json');
  const { node } = Manifest.parse(JSON.parse(readFileSync(file, 'utf8')));
  return Object.entries(node).map(([id, { exportedName, filename, workers }]) => {
    const addresses = Object.keys(workers).map(addressOf);
    const plain = addresses.find((address) => !address.includes('['));
    return { name: `${filename}#${exportedName}`, id, address: plain ?? addresses[0] ?? '/' };
  });
}
