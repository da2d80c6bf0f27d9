import { cookies, headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { cache } from 'react';
import { systemClock } from '@/lib/core/clock';
import { prisma } from '@/lib/db/prisma';
import { freshForMs } from '@/lib/people/actor';
import type { Person } from '@/lib/people/schema';
import { cookieName, readSignInToken } from './cookie';
import { addressOf } from './peer';
import { findLiveSignIn } from './queries';
import { type Ctx, ctxOf, mintScope, type ReadScope } from './scope';
import { signInPath, targetHeader } from './target';

export type SignedIn = { signIn: string; person: Person; scope: ReadScope; ctx: Ctx };

/** Who makes this request, or null: for route handlers and actions. Looked up once per request. */
export const findPerson = cache(() => findSignedIn(true));

/** The same for what a page asks without its reader: it does not count as use of the sign-in. */
export const watchPerson = () => findSignedIn(false);

/** Somebody signed in, and a way to ask later whether they still are, and with which roles. */
export type Held = SignedIn & { again: () => Promise<SignedIn | null> };

/**
 * Who makes this request, for an answer that goes on after it: whoever streams asks again and again. Pages connect
 * again by themselves, so it does not count as use of the sign-in either.
 */
export async function holdPerson(): Promise<Held | null> {
  const token = await readToken();
  if (token === null) return null;
  const signedIn = await findByToken(token, false);
  return signedIn === null ? null : { ...signedIn, again: () => findByToken(token, false) };
}

async function readToken(): Promise<string | null> {
  return readSignInToken((await cookies()).get(cookieName('session'))?.value);
}

async function findSignedIn(isActivity: boolean): Promise<SignedIn | null> {
  const token = await readToken();
  return token === null ? null : findByToken(token, isActivity);
}

async function findByToken(token: string, isActivity: boolean): Promise<SignedIn | null> {
  const now = systemClock();
  const found = await findLiveSignIn(prisma(), token, now, isActivity);
  if (found === null) return null;
  const { id, person, factorAt, factor } = found;
  const isRecent = now.getTime() - factorAt.getTime() < freshForMs;
  const facts = {
    signIn: id,
    address: addressOf(await headers()),
    isFresh: isRecent && factor !== 'recovery',
    isRecovered: isRecent && factor === 'recovery',
  };
  return { signIn: id, person, scope: mintScope(person, facts), ctx: ctxOf(person, facts) };
}

/** Who makes this request; whoever is not signed in is sent to the sign-in page, and from there back. */
export async function requirePerson(): Promise<SignedIn> {
  return (await findPerson()) ?? redirect(signInPath((await headers()).get(targetHeader)));
}

/**
 * Whether this request runs a server action: then the page is only rendered again below its answer. A step of signing in
 * that sends people on by itself would otherwise take away what the action answered.
 */
export const isAction = async (): Promise<boolean> => (await headers()).has('next-action');
