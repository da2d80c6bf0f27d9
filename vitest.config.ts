import path from 'node:path';
import { defineConfig } from 'vitest/config';

const alias = { '@': path.resolve(import.meta.dirname) };
const onPostgres = { globalSetup: ['tests/support/global-setup.ts'], testTimeout: 60_000 };

export default defineConfig({
  resolve: { alias },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            '{lib,components,server,app}/**/*.test.{ts,tsx}',
            'tests/{architecture,audited,environment}.test.ts',
          ],
        },
      },
      {
        extends: true,
        test: { name: 'integration', include: ['tests/integration/**/*.test.ts'], ...onPostgres },
      },
      {
        extends: true,
        test: { name: 'conformance', include: ['tests/conformance/**/*.test.ts'], ...onPostgres },
      },
    ],
  },
});
