/** What the `theme` cookie may say; without it the system decides. */
const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];
export const themeCookie = 'theme';

export const themeOf = (text: string | undefined): Theme =>
  themes.find((theme) => theme === text) ?? 'system';

export const themeNames: Record<Theme, string> = {
  system: 'as the system',
  light: 'light',
  dark: 'dark',
};
export const nextTheme: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };
