'use server';

import { redirect } from 'next/navigation';
import { endCurrentSignIn } from '@/lib/auth/sign-out';

export async function signOut(): Promise<void> {
  await endCurrentSignIn();
  redirect('/sign-in');
}
