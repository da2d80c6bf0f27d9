import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { marks } from '@/lib/telemetry/schema';
import { anAttributedMeasurement, anInteraction } from '@/tests/support/entries';
import { factColumns, factValues, interactionFacts } from './columns';
import { decodeFrame } from './frame';
import { factsJsonOf } from './leaf';
import { measurementColumns, measurementFacts, measurementValues } from './measurement-columns';
import { prepareEntry, prepareMeasurement } from './prepare';

const known = { key: '', digest: '', raw: () => null };
/** Text with NUL and lone surrogates among its characters. */
const anyText = fc.string({
  unit: fc.oneof(fc.constantFrom('\0', '\ud800', '\udfff', '😀', 'a'), fc.string({ maxLength: 1 })),
  maxLength: 40,
});
const textKeys = (columns: readonly { type: string; key: string }[]) =>
  columns.filter(({ type }) => type === 'text').map(({ key }) => key);
const isSound = (text: string) => text.isWellFormed() && !text.includes('\0');

describe('whatever text comes as far as the log', () => {
  test('every fact and body of an interaction is text that the database stores as it is hashed', () => {
    fc.assert(
      fc.property(fc.constantFrom(...textKeys(factColumns)), anyText, (key, text) => {
        const { interaction, frame, digests } = prepareEntry(
          anInteraction({ [key]: text, bodies: [{ role: 'input', text }] }),
          known,
        );
        const values = factValues(interaction);
        for (const value of values)
          if (typeof value === 'string') expect(isSound(value)).toBe(true);
        const json = factsJsonOf(values, interactionFacts);
        expect(Buffer.from(json).toString()).toBe(json);
        expect(JSON.parse(json)[factColumns.find((each) => each.key === key)?.column ?? '']).toBe(
          text.replaceAll('\0', '\ufffd').toWellFormed(),
        );
        const [body] = decodeFrame(frame ?? Buffer.alloc(0));
        expect(isSound(body?.text ?? '\0')).toBe(true);
        expect(digests[0]?.bytes).toBe(Buffer.byteLength(body?.text ?? ''));
        expect((interaction.marks & marks.invalid_text) !== 0).toBe(!isSound(text));
      }),
    );
  });

  test('every fact and body of a measurement is', () => {
    fc.assert(
      fc.property(fc.constantFrom(...textKeys(measurementColumns)), anyText, (key, text) => {
        const { measurement } = prepareMeasurement(
          anAttributedMeasurement({ [key]: text, bodies: [{ role: 'attributes', text }] }),
          known,
        );
        const values = measurementValues(measurement);
        for (const value of values)
          if (typeof value === 'string') expect(isSound(value)).toBe(true);
        expect(factsJsonOf(values, measurementFacts).isWellFormed()).toBe(true);
        expect(isSound(measurement.bodies[0]?.text ?? '\0')).toBe(true);
      }),
    );
  });
});
