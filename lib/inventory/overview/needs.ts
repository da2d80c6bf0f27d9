import type { Instrument } from '../health/schema';
import { countText, thousands } from '../labels';
import type { Count } from '../schema';
import { visibleText } from '../visible';

/** More external APIs than these are not told one by one. */
const strangeMax = 3;

export type Need = {
  level: 'critical' | 'high' | 'medium';
  sentence: string;
  href: string;
  verb: string;
};

/**
 * What waits for a person, worst first. `shadow` is unregistered actors that nobody has decided on, `behind` people for
 * whom agents act without a second factor shown, null where these are too many to be counted, `unowned` registered identities that nobody answers for,
 * `strange` external APIs whose origin is unverified.
 */
export function needsOf(
  { ingest, projections, quarantined }: Instrument,
  {
    shadow,
    behind,
    unowned,
    strange = [],
    definitions = { resources: 0, changed: 0 },
  }: {
    shadow: Count;
    behind: Count | null;
    unowned: number;
    strange?: readonly { id: string; name: string }[];
    /** Tools and servers whose definition nobody decided on, and of those such as had an approved one. */
    definitions?: { resources: number; changed: number };
  },
): Need[] {
  const needs: Need[] = [];
  if (ingest.tone !== 'on') {
    needs.push({
      level: ingest.tone === 'bad' ? 'critical' : 'high',
      sentence: `Ingest ${ingest.word.toLowerCase()}: ${ingest.sentence}`,
      href: '/health',
      verb: 'Look',
    });
  }
  if (projections.tone !== 'on') {
    needs.push({
      level: 'high',
      sentence: `Projections ${projections.word.toLowerCase()}: ${projections.sentence}`,
      href: '/health#projections',
      verb: 'Look',
    });
  }
  for (const { id, name } of strange.slice(0, strangeMax)) {
    needs.push({
      level: 'high',
      sentence: `The origin of ${visibleText(name)} is unverified: it answers from elsewhere, or its hosts do not prove themselves`,
      href: `/identities/${id}/origin`,
      verb: 'Look',
    });
  }
  const { resources, changed } = definitions;
  if (resources > 0) {
    needs.push({
      level: changed > 0 ? 'high' : 'medium',
      sentence:
        changed > 0
          ? `${thousands(changed)} ${changed === 1 ? 'tool or server is' : 'tools and servers are'} defined otherwise than was approved`
          : `${thousands(resources)} ${resources === 1 ? 'tool or server has a definition' : 'tools and servers have definitions'} that nobody approved`,
      href: '/resources?definitions=unapproved',
      verb: 'Decide',
    });
  }
  if (shadow.count > 0) {
    needs.push({
      level: 'medium',
      sentence: `${countText(shadow)} unregistered ${shadow.count === 1 ? 'actor acts' : 'actors act'}, and nobody has registered or ignored ${shadow.count === 1 ? 'it' : 'them'}`,
      href: '/coverage?view=shadow',
      verb: 'Decide',
    });
  }
  if (behind === null || behind.count > 0) {
    needs.push({
      level: 'medium',
      sentence:
        behind === null
          ? 'More people act through agents without a second factor shown than can be counted here'
          : `${countText(behind)} ${behind.count === 1 ? 'person acts' : 'people act'} through agents without a second factor shown`,
      href: '/people/agents?show=not_shown',
      verb: 'Decide',
    });
  }
  if (unowned > 0) {
    needs.push({
      level: 'medium',
      sentence: `${thousands(unowned)} ${unowned === 1 ? 'identity has' : 'identities have'} no owner`,
      href: '/coverage?view=unowned',
      verb: 'Assign',
    });
  }
  if (quarantined.count > 0) {
    needs.push({
      level: 'medium',
      sentence: `${countText(quarantined)} refused ${quarantined.count === 1 ? 'item is' : 'items are'} in quarantine`,
      href: '/health/quarantine',
      verb: 'Look',
    });
  }
  return needs;
}
