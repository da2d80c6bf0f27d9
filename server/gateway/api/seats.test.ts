import { expect, test } from 'vitest';
import { createApiSeats } from './seats';

test('one key takes two seats at most, all keys three, and a seat that is left is free', () => {
  const seats = createApiSeats();
  const leave = [seats.take('a'), seats.take('a')];
  expect(() => seats.take('a')).toThrow('This key has 2 requests under way');
  leave.push(seats.take('b'));
  expect(() => seats.take('c')).toThrow('Too many requests are under way');
  leave[0]?.();
  seats.take('c');
  expect(() => seats.take('b')).toThrow('Too many requests');
});
