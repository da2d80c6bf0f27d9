import type { Metadata, Viewport } from 'next';
import { cookies } from 'next/headers';
import type { ReactNode } from 'react';
import { themeCookie, themeOf } from '@/components/shell/theme';
import { Announcer } from '@/components/ui/announce';
import './globals.css';

export const metadata: Metadata = {
  title: { default: 'Sallyport', template: '%s · Sallyport' },
  description: 'A zero-trust security console for AI.',
  robots: { index: false, follow: false },
};

export const viewport: Viewport = { width: 'device-width', initialScale: 1 };

export default async function RootLayout({ children }: { children: ReactNode }) {
  const theme = themeOf((await cookies()).get(themeCookie)?.value);
  return (
    // The theme button changes the attribute before React may render again.
    <html
      lang="en"
      suppressHydrationWarning
      {...(theme === 'system' ? {} : { 'data-theme': theme })}
    >
      <body>
        <a className="skip" href="#main">
          Skip to content
        </a>
        {children}
        <Announcer />
      </body>
    </html>
  );
}
