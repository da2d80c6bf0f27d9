import type { Config } from '@/lib/core/config';

/** What its SPIFFE ids begin with; nobody can have it as a real one. */
export const developmentDomain = 'dev';
export const developmentName = 'Development authority';

/**
 * Whether there is a development authority: by itself on the embedded database alone. Elsewhere somebody has to want it,
 * since whoever runs the command line has it certify any identity of a development zone.
 */
export const hasDevelopmentCa = ({ DEV_CA, DATABASE_URL }: Config): boolean =>
  DEV_CA === 'on' || (DEV_CA === undefined && DATABASE_URL === undefined);

export const developmentCaOff =
  'The development authority is off: it is meant for trying things out, and DATABASE_URL is set. DEV_CA=on switches it on.';

export const spiffeIdOf = (name: string): string => `spiffe://${developmentDomain}/${name}`;

export const certificateAssociated = (id: string): string => `trust_anchor/sealed_key/${id}`;
