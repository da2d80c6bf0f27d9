import { defineConfig } from '@playwright/test';

const executablePath = process.env.CHROMIUM;

export default defineConfig({
  testDir: 'tests/e2e',
  outputDir: 'test-results',
  // Each has a PostgreSQL and a console of its own, and most of a test is waiting.
  workers: 2,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  forbidOnly: process.env.CI !== undefined,
  use: {
    browserName: 'chromium',
    trace: { mode: 'retain-on-failure', screenshots: false },
    launchOptions: {
      ...(executablePath ? { executablePath } : {}),
      // Chromium's sandbox does not run as root, which is whom a container runs tests as.
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    },
  },
});
