import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parseConfig } from '@/lib/core/config';
import { type Issued, issueCertificate } from '@/tests/support/authority';
import { type TlsMaterial, tlsMaterial, watchTlsFiles } from './tls-material';

let folder: string;
let one: Issued;
let other: Issued;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sallyport-'));
  [one, other] = await Promise.all([issueCertificate(), issueCertificate()]);
});
afterAll(() => rm(folder, { recursive: true }));

const files = () => ({
  GATEWAY_TLS_CERT: path.join(folder, 'cert.pem'),
  GATEWAY_TLS_KEY: path.join(folder, 'key.pem'),
});
const write = async (cert: string, key: string) => {
  await writeFile(files().GATEWAY_TLS_CERT, cert);
  await writeFile(files().GATEWAY_TLS_KEY, key);
};
const materialOf = ({ pem, keyPem }: Issued): TlsMaterial => ({ cert: pem, key: keyPem });

test('without files there is nothing to show', async () => {
  expect(await tlsMaterial(parseConfig({}))).toBeNull();
});

test('files are read, and what is wrong with them is said', async () => {
  const config = parseConfig(files());
  await expect(tlsMaterial(config)).rejects.toThrow(/GATEWAY_TLS_CERT: the file .* cannot be read/);
  await write(one.pem, one.keyPem);
  expect(await tlsMaterial(config)).toEqual(materialOf(one));
  await write(one.pem, other.keyPem);
  await expect(tlsMaterial(config)).rejects.toThrow('not usable together');
  for (const [cert, key] of [
    ['nonsense', one.keyPem],
    ['', one.keyPem],
    [one.pem, ''],
  ] as const) {
    await write(cert, key);
    await expect(tlsMaterial(config)).rejects.toThrow('not usable together');
  }
});

test('one file without the other is refused at start', () => {
  expect(() => parseConfig({ GATEWAY_TLS_CERT: 'x' })).toThrow('GATEWAY_TLS_KEY: must name');
  expect(() => parseConfig({ GATEWAY_TLS_KEY: 'x' })).toThrow('GATEWAY_TLS_CERT: must name');
  expect(() => parseConfig({ GATEWAY_TLS_URL: 'http://a.example' })).toThrow('https://');
});

test('changed files are taken up while it runs, and half of a change is waited out', async () => {
  const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  await write(one.pem, one.keyPem);
  const renewed: TlsMaterial[] = [];
  const stop = watchTlsFiles(
    parseConfig(files()),
    materialOf(one),
    (material) => renewed.push(material),
    20,
  );
  await writeFile(files().GATEWAY_TLS_CERT, other.pem);
  await vi.waitFor(() => expect(String(told.mock.calls)).toContain('tls_not_renewed'));
  expect(renewed).toEqual([]);
  await writeFile(files().GATEWAY_TLS_KEY, other.keyPem);
  await vi.waitFor(() => expect(renewed).toEqual([materialOf(other)]));
  stop();
  told.mockRestore();
});
