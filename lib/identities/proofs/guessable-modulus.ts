const primes =
  '3 5 7 11 13 17 19 23 29 31 37 41 43 47 53 59 61 67 71 73 79 83 89 97 101 103 107 109 113 127 131 137 139 149 151 157 163 167';

/** For each small prime, which remainders powers of 65537 have. */
const remainders = primes.split(' ').map((text) => {
  const prime = BigInt(text);
  const of65537 = new Set<bigint>();
  for (let power = 1n; !of65537.has(power); power = (power * 65_537n) % prime) of65537.add(power);
  return { prime, of65537 };
});

/**
 * Whether an RSA modulus (base64url) was made by the library whose private keys follow from the public ones: its primes
 * are powers of 65537 modulo every small prime (CVE-2017-15361; "The Return of Coppersmith's Attack", CCS 2017).
 */
export function isGuessable(n: string): boolean {
  const modulus = BigInt(`0x0${Buffer.from(n, 'base64url').toString('hex')}`);
  return remainders.every(({ prime, of65537 }) => of65537.has(modulus % prime));
}
