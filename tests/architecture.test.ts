import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

type File = { name: string; text: string };

const root = path.resolve(import.meta.dirname, '..');
const code = /\.(tsx?|mjs|js)$/;

/** Files that git knows or would take in. */
const files: File[] = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((name) => code.test(name) && existsSync(path.join(root, name)))
  .map((name) => ({ name, text: readFileSync(path.join(root, name), 'utf8') }));

const isTest = (name: string) => name.startsWith('tests/') || /\.test\.tsx?$/.test(name);

function importsOf({ text }: File): string[] {
  const found = text.matchAll(
    /(?:^|[;\s])(?:import|export)\s(?:[^'"`;]*?\sfrom\s*)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]|\brequire\(\s*['"]([^'"]+)['"]/gm,
  );
  return [...found].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

/** A path from the root for what is ours, else the package's own specifier. */
function targetsOf(file: File): string[] {
  return importsOf(file).map((specifier) => {
    if (specifier.startsWith('@/')) return specifier.slice(2);
    if (!specifier.startsWith('.')) return specifier;
    return path.posix.join(path.posix.dirname(file.name), specifier);
  });
}

const isPackage = (target: string, name: string) =>
  target === name || target.startsWith(`${name}/`);

/** The only folders that may import a package. */
const onlyImporters: [packages: string[], folder: RegExp][] = [
  [['@prisma/client', '@prisma/adapter-pg', '@prisma/driver-adapter-utils', 'pg'], /^lib\/db\//],
  [['next-auth'], /^lib\/auth\//],
  [['recharts'], /^components\/charts\//],
];

/** What a folder's files may not import, tests aside. */
const layers: [from: RegExp, forbidden: RegExp, rule: string][] = [
  [/^lib\//, /^(app|components|server)\//, 'lib knows nothing of what stands on it'],
  [/^lib\/core\//, /^lib\/(?!core\/)/, 'lib/core knows no domain'],
  [/^components\//, /^(app|server)\//, 'components know neither pages nor processes'],
  [/^app\//, /^server\//, 'the console runs without the other processes'],
  [/^server\//, /^(app|components)\//, 'the processes run without the console'],
  [
    /^lib\/(?!auth\/|db\/)/,
    /^(next|react|react-dom)(\/|$)/,
    'lib does not know that a browser or a request exists',
  ],
];

const wordless = ['index', 'utils', 'util', 'helpers', 'helper', 'types', 'constants', 'common'];
const mayReadEnvironment =
  /^(lib\/core\/config\.ts|next\.config\.js|playwright\.config\.ts|server\/[^/]+\.mjs|tests\/.*)$/;
const rawColour =
  /(?:bg|text|border|fill|stroke|ring|outline|from|to|via|shadow)-(?:\[#|\[rgb|\[hsl|\[oklch|(?:red|green|blue|gray|slate|zinc|neutral|stone|orange|amber|yellow|lime|emerald|teal|cyan|sky|indigo|violet|purple|fuchsia|pink|rose)-\d)/;

const rules: Record<string, (file: File) => string[]> = {
  'layers point one way': (file) =>
    isTest(file.name)
      ? []
      : layers
          .filter(([from]) => from.test(file.name))
          .flatMap(([, forbidden, rule]) =>
            targetsOf(file)
              .filter((target) => forbidden.test(target))
              .map((target) => `${target}: ${rule}`),
          ),
  'a package has one importer': (file) =>
    isTest(file.name)
      ? []
      : onlyImporters.flatMap(([packages, folder]) =>
          folder.test(file.name)
            ? []
            : targetsOf(file).filter((target) => packages.some((each) => isPackage(target, each))),
        ),
  'only the configuration reads the environment': (file) =>
    mayReadEnvironment.test(file.name) || file.name.endsWith('.test.ts')
      ? []
      : // Next sets this one itself, to tell its runtimes apart.
        file.text.replaceAll('process.env.NEXT_RUNTIME', '').includes('process.env')
        ? ['process.env']
        : [],
  'file names are kebab-case words that say something': ({ name }) => {
    const base = path.posix.basename(name).replace(/(\.(test|spec|config))?\.(tsx?|mjs|js)$/, '');
    const isWorded = /^[a-z0-9]+(-[a-z0-9]+)*$/.test(base) || /^\[[.a-z-]+\]$/.test(base);
    return !isWorded || wordless.includes(base) || /(^|\/)services\//.test(name) ? [base] : [];
  },
  'a file has 400 lines at most': ({ text }) => {
    const lines = text.split('\n').length - 1;
    return lines > 400 ? [`${lines} lines`] : [];
  },
  'colours are tokens': (file) =>
    /^(app|components)\//.test(file.name) ? (rawColour.exec(file.text)?.slice(0, 1) ?? []) : [],
  'names are exported, but where Next demands a default': ({ name, text }) =>
    /^(lib|components|server)\//.test(name) && /^export default/m.test(text) ? ['default'] : [],
};

const breachesOf = (rule: string, among: File[]) =>
  among.flatMap((file) => (rules[rule]?.(file) ?? []).map((breach) => `${file.name}: ${breach}`));

test('the rules see the code', () => {
  expect(files.length).toBeGreaterThan(150);
  for (const folder of ['app', 'components', 'lib', 'server', 'tests'])
    expect(files.filter(({ name }) => name.startsWith(`${folder}/`)).length).toBeGreaterThan(5);
  const imports = files.flatMap(importsOf);
  expect(imports.length).toBeGreaterThan(400);
});

test.each(Object.keys(rules))('%s', (rule) => {
  expect(breachesOf(rule, files)).toEqual([]);
});

describe('a planted breach is caught', () => {
  test.each([
    ['layers point one way', 'lib/log/writer.ts', `import { x } from '@/server/gateway/app';`],
    ['layers point one way', 'lib/core/ids.ts', `import type { x } from '../log/schema';`],
    ['layers point one way', 'lib/log/writer.ts', `export { x } from 'react';`],
    ['layers point one way', 'app/page.tsx', `const x = await import('@/server/worker/main');`],
    ['a package has one importer', 'lib/log/writer.ts', `import pg from 'pg';`],
    [
      'a package has one importer',
      'server/cli/main.ts',
      `import {\n  a,\n} from '@prisma/client';`,
    ],
    ['a package has one importer', 'app/page.tsx', `import { A } from 'next-auth/react';`],
    ['only the configuration reads the environment', 'lib/log/writer.ts', 'process.env.HOME'],
    ['file names are kebab-case words that say something', 'lib/log/utils.ts', ''],
    ['file names are kebab-case words that say something', 'lib/log/logWriter.ts', ''],
    ['a file has 400 lines at most', 'lib/log/writer.ts', '\n'.repeat(401)],
    ['colours are tokens', 'components/ui/x.tsx', 'className="text-red-500"'],
    ['colours are tokens', 'components/ui/x.tsx', 'className="bg-[#fff]"'],
    [
      'names are exported, but where Next demands a default',
      'lib/log/writer.ts',
      'export default 1;',
    ],
  ])('%s: %s', (rule, name, text) => {
    expect(breachesOf(rule, [{ name, text }])).not.toEqual([]);
  });
});
