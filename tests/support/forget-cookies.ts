import type { Page } from '@playwright/test';

/** Forgets who was signed in. An open page would see that by itself, and leave while a test goes on to another. */
export async function forgetCookies(page: Page): Promise<void> {
  await page.goto('about:blank');
  await page.context().clearCookies();
}
