'use client';

import { useState } from 'react';
import { announce } from '@/components/ui/announce';
import { Button } from '@/components/ui/button';
import { Icon } from '@/components/ui/icon';
import { nextTheme, type Theme, themeCookie, themeNames } from './theme';

const yearSeconds = 31_536_000;

/** Pins light, then dark, then follows the system again; kept in a cookie so that no page flashes. */
export function ThemeButton({ first }: { first: Theme }) {
  const [theme, setTheme] = useState(first);
  const next = nextTheme[theme];
  function pin() {
    if (next === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    const age = next === 'system' ? 0 : yearSeconds;
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser
    document.cookie = `${themeCookie}=${next}; path=/; max-age=${age}; samesite=lax`;
    setTheme(next);
    announce(`Theme: ${themeNames[next]}`);
  }
  return (
    <Button
      variant="ghost"
      iconOnly
      onClick={pin}
      aria-label={`Theme: ${themeNames[theme]}. Switch to ${themeNames[next]}`}
      title={`Theme: ${themeNames[theme]}`}
    >
      <Icon name="theme" />
    </Button>
  );
}
