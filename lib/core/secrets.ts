import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Config, config } from './config';

/** Wraps other keys, and others are derived from it. */
type RootKey = {
  /** AES-256-GCM: nonce ‖ tag ‖ ciphertext. `associated` binds it to one table, column and row. */
  wrap(secret: Uint8Array, associated: string): Buffer;
  unwrap(wrapped: Uint8Array, associated: string): Buffer;
  /** 32 bytes for one purpose (RFC 5869), the same in every process that holds the key. */
  derive(purpose: string): Buffer;
};

/**
 * What content is read and searched with, and notices are sent with: wraps the data keys of both. Derived from the key-encryption
 * key, which does not follow from it, so the worker is given this one alone.
 */
export type ContentKey = RootKey;

/** The only reader of the key-encryption key. Everything else gets keys derived from or wrapped by it. */
export type KeyEncryptionKey = RootKey & {
  /** First 8 bytes of the SHA-256 of the key, hex: tells which key wrapped a row, never the key. */
  readonly id: string;
  readonly content: ContentKey;
};

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export function keyEncryptionKeyOf(key: Uint8Array): KeyEncryptionKey {
  const root = rootKeyOf(key);
  return {
    ...root,
    id: createHash('sha256').update(key).digest('hex').slice(0, 16),
    content: contentKeyOf(root.derive('content')),
  };
}

/** Of the 32 bytes that `derive('content')` of the key-encryption key gives. */
export const contentKeyOf = (key: Uint8Array): ContentKey => rootKeyOf(key);

function rootKeyOf(key: Uint8Array): RootKey {
  if (key.length !== 32) throw new Error('A key that wraps others must be 32 bytes.');
  return {
    wrap: (secret, associated) => seal(key, randomBytes(NONCE_BYTES), secret, associated),
    unwrap: (wrapped, associated) => open(key, wrapped, associated),
    derive: (purpose) =>
      Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), `sallyport:${purpose}`, 32)),
  };
}

/** INVARIANT: a nonce is used once with a key; callers pass a counter or 96 random bits. */
export function seal(
  key: Uint8Array,
  nonce: Uint8Array,
  secret: Uint8Array,
  associated: string,
): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(associated));
  const sealed = cipher.update(secret);
  cipher.final();
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
}

/** Throws when the key, the associated data or a single bit is not what it was. */
export function open(key: Uint8Array, sealed: Uint8Array, associated: string): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(associated));
  decipher.setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  return Buffer.concat([
    decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)),
    decipher.final(),
  ]);
}

/** SHA-256 of a bearer secret: all that is ever stored of it. */
export const secretHash = (secret: string): Buffer => createHash('sha256').update(secret).digest();

let current: KeyEncryptionKey | undefined;

/**
 * `SALLYPORT_KEK`, or DATA_DIR/secrets/kek, which start makes for the embedded database only.
 * With a database of one's own the key must not live beside it by accident: then the file is not read.
 */
export function keyEncryptionKey(settings: Config = config()): KeyEncryptionKey {
  current ??= keyEncryptionKeyOf(readKey(settings));
  return current;
}

function readKey({ SALLYPORT_KEK, DATA_DIR }: Config): Buffer {
  if (SALLYPORT_KEK !== undefined) return Buffer.from(SALLYPORT_KEK, 'base64');
  const file = path.join(DATA_DIR, 'secrets', 'kek');
  if (existsSync(file)) return Buffer.from(readFileSync(file, 'utf8').trim(), 'base64');
  throw new Error(
    'SALLYPORT_KEK is not set: 32 bytes in base64 (`openssl rand -base64 32`), the same for every process, kept apart from the database.',
  );
}

let currentContent: ContentKey | undefined;

/** The worker's key: `SALLYPORT_CONTENT_KEY`, which its launcher derives. Never the key-encryption key itself. */
export function contentKey({ SALLYPORT_CONTENT_KEY }: Config = config()): ContentKey {
  if (SALLYPORT_CONTENT_KEY === undefined)
    throw new Error(
      'SALLYPORT_CONTENT_KEY is not set: start the worker with `npm start` or `npm run sallyport -- worker`, which derive it from SALLYPORT_KEK.',
    );
  currentContent ??= contentKeyOf(Buffer.from(SALLYPORT_CONTENT_KEY, 'base64'));
  return currentContent;
}
