import { answerBackChannelLogout } from '@/lib/auth/sso/back-channel';
import { currentSso } from '@/lib/auth/sso/current';
import { systemClock } from '@/lib/core/clock';
import { prisma } from '@/lib/db/prisma';

export async function POST(request: Request): Promise<Response> {
  const sso = currentSso();
  if (sso === null) return new Response(null, { status: 404 });
  return answerBackChannelLogout(request, { ...sso, db: prisma(), now: systemClock() });
}
