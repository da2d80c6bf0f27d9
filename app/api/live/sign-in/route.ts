import { answer } from '../answer';

/** Whether whoever has this page open is still signed in. */
export const GET = (request: Request) => answer(request, async () => null, { isActivity: false });
