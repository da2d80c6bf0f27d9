import type { ReactNode } from 'react';

const shapes = {
  agent: (
    <>
      <rect x="2.5" y="5" width="11" height="8.5" rx="2" />
      <path d="M8 5V2.3M6 8.5v1.2M10 8.5v1.2" />
    </>
  ),

  allow: <path d="M3 8.5l3.3 3.5L13 4.5" />,

  anomaly: <path d="M8 2.2 14.3 13.3H1.7zM8 6.5v3M8 11.4v.1" />,

  'arrow-d': <path d="M8 3v10M4.5 9.5 8 13l3.5-3.5" />,

  'arrow-r': <path d="M3 8h10M9.5 4.5 13 8l-3.5 3.5" />,

  'arrow-u': <path d="M8 13V3M4.5 6.5 8 3l3.5 3.5" />,

  check: <path d="M3 8.5l3.3 3.5L13 4.5" />,

  clock: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="M8 4.5V8l2.5 1.5" />
    </>
  ),

  columns: (
    <>
      <rect x="2" y="2.5" width="12" height="11" rx="1" />
      <path d="M6.2 2.5v11M10 2.5v11" />
    </>
  ),

  connect: <path d="M6 1.5V5M10 1.5V5M4 5h8v2.5a4 4 0 0 1-8 0zM8 11.5v3" />,

  copy: (
    <>
      <rect x="5.5" y="5.5" width="8" height="8" rx="1" />
      <path d="M10.5 3.2V2.5h-8v8h.7" />
    </>
  ),

  daemon: <path d="M13.3 8a5.3 5.3 0 1 1-1.6-3.8M13.5 1.8v3h-3" />,

  database: (
    <>
      <ellipse cx="8" cy="3.8" rx="5" ry="2" />
      <path d="M3 3.8v8.4c0 1.1 2.2 2 5 2s5-.9 5-2V3.8M3 8c0 1.1 2.2 2 5 2s5-.9 5-2" />
    </>
  ),

  deny: (
    <>
      <circle cx="8" cy="8" r="5.8" />
      <path d="M4 4l8 8" />
    </>
  ),

  down: <path d="M4 6.2l4 4 4-4" />,

  embed: (
    <>
      <path d="M2 3h5v4H2zM9 3h5v4H9zM2 9h5v4H2z" />
      <circle cx="11.5" cy="11" r="2" />
    </>
  ),

  exchange: <path d="M2.5 5.5h10.5l-3-3M13.5 10.5H3l3 3" />,

  external_api: (
    <>
      <circle cx="8" cy="8" r="6" />
      <ellipse cx="8" cy="8" rx="2.6" ry="6" />
      <path d="M2 8h12" />
    </>
  ),

  file: <path d="M4 1.5h5.5L12.5 4.5v10H4zM9.3 1.5v3.2h3.2" />,

  filter: <path d="M2 3h12L9.5 8.5V13l-3-1.5v-3z" />,

  guard: <path d="M8 1.5l5.5 2v4c0 3.5-2.3 5.8-5.5 7-3.2-1.2-5.5-3.5-5.5-7v-4z" />,

  health: <path d="M2.2 11.5a6.3 6.3 0 1 1 11.6 0M8 9.5l2.8-3.3" />,

  help: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="M6.2 6.2c.2-2.2 3.7-2 3.6.1 0 1.4-1.8 1.5-1.8 3M8 11.6v.1" />
    </>
  ),

  identity: (
    <>
      <rect x="2" y="3" width="12" height="10" rx="1.5" />
      <circle cx="5.8" cy="7" r="1.4" />
      <path d="M3.8 10.7c.5-1.3 3.5-1.3 4 0M10 6.8h2M10 9.6h2" />
    </>
  ),

  inference: (
    <>
      <rect x="4" y="4" width="8" height="8" rx="1.2" />
      <path d="M6.5 4V1.8M9.5 4V1.8M6.5 14.2V12M9.5 14.2V12M4 6.5H1.8M4 9.5H1.8M14.2 6.5H12M14.2 9.5H12" />
    </>
  ),

  info: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="M8 7.3v3.7M8 4.9v.1" />
    </>
  ),

  inventory: <path d="M2 4h12M2 8h12M2 12h8" />,

  key: (
    <>
      <circle cx="5" cy="11" r="2.6" />
      <path d="M6.9 9.1 13 3M10.8 5.2l2 2" />
    </>
  ),

  left: <path d="M9.8 4l-4 4 4 4" />,

  link: (
    <path d="M6.8 9.2a2.8 2.8 0 0 0 4 0l2.3-2.3a2.8 2.8 0 0 0-4-4L8 4M9.2 6.8a2.8 2.8 0 0 0-4 0L2.9 9.1a2.8 2.8 0 0 0 4 4L8 12" />
  ),

  lock: (
    <>
      <rect x="3.5" y="7" width="9" height="6.5" rx="1" />
      <path d="M5.5 7V5a2.5 2.5 0 0 1 5 0v2" />
    </>
  ),

  menu: <path d="M2 4.5h12M2 8h12M2 11.5h12" />,

  monitor: <circle cx="8" cy="8" r="5.8" strokeDasharray="3 2.6" />,

  more: (
    <>
      <circle cx="3.5" cy="8" r=".8" />
      <circle cx="8" cy="8" r=".8" />
      <circle cx="12.5" cy="8" r=".8" />
    </>
  ),

  play: <path d="M4.5 2.5 13 8l-8.5 5.5z" />,

  plus: <path d="M8 3v10M3 8h10" />,

  notice: (
    <>
      <path d="M4 11V7a4 4 0 0 1 8 0v4l1.2 1.5H2.8z" />
      <path d="M6.7 14.2h2.6" />
    </>
  ),

  overview: <path d="M1.5 8.5h3l2-5.5 3 10 2-4.5h3" />,

  quarantine: (
    <path d="M8 1.5l5.5 2v4c0 3.5-2.3 5.8-5.5 7-3.2-1.2-5.5-3.5-5.5-7v-4zM8 5v3.2M8 10.6v.1" />
  ),

  resource: <path d="M8 1.7l5.7 3v6.6L8 14.3l-5.7-3V4.7zM2.3 4.7 8 7.7l5.7-3M8 7.7v6.6" />,

  retrieval: (
    <>
      <circle cx="7" cy="7" r="4.5" />
      <path d="M10.5 10.5 14 14M5 7h4" />
    </>
  ),

  review: <path d="M4 2h8M4 14h8M5 2v2.5L8 8l3-3.5V2M5 14v-2.5L8 8l3 3.5V14" />,

  right: <path d="M6.2 4l4 4-4 4" />,

  search: (
    <>
      <circle cx="7" cy="7" r="4.5" />
      <path d="M10.5 10.5 14 14" />
    </>
  ),

  send: <path d="M14 2 7.2 8.8M14 2 9.8 14l-2.6-5.2L2 6.2z" />,

  service: (
    <>
      <rect x="2" y="2.5" width="12" height="4.5" rx="1" />
      <rect x="2" y="9" width="12" height="4.5" rx="1" />
      <path d="M4.5 4.75h.1M4.5 11.25h.1" />
    </>
  ),

  session: (
    <>
      <path d="M3 2v9.5a1 1 0 0 0 1 1h3M3 6h4" />
      <rect x="8.5" y="4" width="5.5" height="4" rx="1" />
      <rect x="8.5" y="10.5" width="5.5" height="4" rx="1" />
    </>
  ),

  settings: (
    <>
      <path d="M2 5h6.5M12.5 5H14M2 11h1.5M7.5 11H14" />
      <circle cx="10.5" cy="5" r="1.8" />
      <circle cx="5.5" cy="11" r="1.8" />
    </>
  ),

  shadow: (
    <>
      <circle cx="8" cy="8" r="6" strokeDasharray="2.5 2.2" />
      <path d="M6.3 6.3c.2-2 3.4-1.9 3.3.1 0 1.3-1.6 1.4-1.6 2.7M8 11.2v.1" />
    </>
  ),

  stepup: <path d="M3 13h3.5V9.5H10V6h3.5V2.5" />,

  table: (
    <>
      <rect x="2" y="2.5" width="12" height="11" rx="1" />
      <path d="M2 6.2h12M2 9.8h12M6.5 6.2v7.3" />
    </>
  ),

  terminal: <path d="M3 4l3.5 4L3 12M8 12h5" />,

  theme: (
    <>
      <circle cx="8" cy="8" r="5.8" />
      <path d="M8 2.2a5.8 5.8 0 0 1 0 11.6z" fill="currentColor" stroke="none" />
    </>
  ),

  tool: (
    <path d="M10 2.5a3.5 3.5 0 0 0-3.2 4.8L2.5 11.6v1.9h1.9l4.3-4.3A3.5 3.5 0 0 0 13.5 6l-2 1-1.5-1.5 1-2z" />
  ),

  up: <path d="M4 9.8l4-4 4 4" />,

  user: (
    <>
      <circle cx="8" cy="5.2" r="2.6" />
      <path d="M3 13.5c.6-3.6 9.4-3.6 10 0" />
    </>
  ),

  zone: (
    <>
      <rect x="2" y="2.5" width="12" height="11" rx="1" strokeDasharray="2 1.6" />
      <rect x="5.5" y="6" width="5" height="4" rx="0.5" />
    </>
  ),

  x: <path d="M4 4l8 8M12 4l-8 8" />,
} satisfies Record<string, ReactNode>;

export type IconName = keyof typeof shapes;

const sizes = { 12: 'i i-12', 14: 'i i-14', 16: 'i' } as const;

/** Decoration beside a word: hidden from screen readers, who get the word. */
export function Icon({
  name,
  size = 16,
  className,
}: {
  name: IconName;
  size?: 12 | 14 | 16;
  className?: string;
}) {
  return (
    <svg
      className={className === undefined ? sizes[size] : `${sizes[size]} ${className}`}
      viewBox="0 0 16 16"
      aria-hidden="true"
    >
      {shapes[name]}
    </svg>
  );
}

/** The two doors of a sally port, of which one is open at a time. */
export function Mark() {
  return (
    <svg
      className="mark"
      viewBox="0 0 20 20"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
    >
      <path d="M7.5 2.5h-5v15h5M12.5 17.5h5v-15h-5" />
      <path className="doors" d="M7.5 6v11.5M12.5 2.5V10" strokeWidth="2" />
    </svg>
  );
}
