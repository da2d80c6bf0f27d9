import { createHash } from 'node:crypto';

/** SHA-256 of some words, in hex: where ids and seeds come from. */
export function digestOf(...words: (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(words)).digest('hex');
}

/** Numbers that look random and follow from the words of their seed alone (sfc32). */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter: number;

  constructor(...seed: (string | number)[]) {
    const digest = createHash('sha256').update(JSON.stringify(seed)).digest();
    this.a = digest.readInt32LE(0);
    this.b = digest.readInt32LE(4);
    this.c = digest.readInt32LE(8);
    this.counter = digest.readInt32LE(12);
  }

  /** 0 up to but not including 1. */
  next(): number {
    const sum = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4_294_967_296;
  }

  /** A whole number, both ends included. */
  int(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  between(from: number, to: number): number {
    return from + this.next() * (to - from);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<Value>(among: readonly Value[]): Value {
    const value = among[Math.floor(this.next() * among.length)];
    if (value === undefined) throw new Error('There is nothing to pick from.');
    return value;
  }

  /** Around `median`, skewed to the right as durations and sizes are. */
  logNormal(median: number, sigma: number): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    return median * Math.exp(sigma * radius * Math.cos(2 * Math.PI * this.next()));
  }

  /** How many of many rare things happen, `mean` on average. */
  poisson(mean: number): number {
    if (mean > 30) {
      const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
      const normal = radius * Math.cos(2 * Math.PI * this.next());
      return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
    }
    const limit = Math.exp(-mean);
    let product = this.next();
    let count = 0;
    while (product > limit) {
      product *= this.next();
      count += 1;
    }
    return count;
  }

  hex(characters: number): string {
    let text = '';
    while (text.length < characters) text += this.int(0, 0xffff).toString(16).padStart(4, '0');
    return text.slice(0, characters);
  }
}
