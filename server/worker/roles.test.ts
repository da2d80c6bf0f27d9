import { describe, expect, it } from 'vitest';
import { parseArguments } from './roles';

const parse = (...argv: string[]) => parseArguments(argv, ['arrivals']);

describe('worker arguments', () => {
  it('project and deliver when nothing is said', () => {
    expect(parse()).toEqual({ roles: ['projections', 'delivery'], rebuild: [] });
  });

  it('name the roles and what to rebuild', () => {
    expect(parse('--roles', 'projections, delivery, signer', '--rebuild', 'arrivals')).toEqual({
      roles: ['projections', 'delivery', 'signer'],
      rebuild: ['arrivals'],
    });
  });

  it.each([
    [['--roles', 'projections,root'], '"root" is not a role'],
    [['--roles', ''], '"" is not a role'],
    [['--roles'], '--roles needs a value'],
    [['--rebuild', 'interaction'], '"interaction" is not a projection'],
    [['--verbose', 'yes'], '--verbose is not an option'],
  ])('refuse %j', (argv, sentence) => {
    expect(() => parse(...argv)).toThrow(sentence);
  });
});
