import type { RegisterResource } from '@/lib/resources/schema';
import { linesIn, textIn } from '../fields';

const idIn = (form: FormData, field: string) => textIn(form, field) || null;

/** What a form says of a resource; the mutation parses it. */
export const attributesIn = (form: FormData) =>
  ({
    ownerId: idIn(form, 'ownerId'),
    teamId: idIn(form, 'teamId'),
    zoneId: idIn(form, 'zoneId'),
    purpose: textIn(form, 'purpose'),
    tags: linesIn(form, 'tags', /[\r\n,]+/),
    classification: idIn(form, 'classification'),
    trust: idIn(form, 'trust'),
    sideEffect: idIn(form, 'sideEffect'),
    hostNames: linesIn(form, 'hostNames', /[\s,]+/),
  }) as RegisterResource['attributes']; // Words that are none are refused with a sentence.
