import type { Instrument } from '../health/schema';
import { countText, thousands } from '../labels';

export type Need = {
  level: 'critical' | 'high' | 'medium';
  sentence: string;
  href: string;
  verb: string;
};

/** What waits for a person, worst first. `shadow` is interactions that no registered identity answers for. */
export function needsOf(
  { ingest, projections, quarantined }: Instrument,
  shadow: { interactions: number; href: string },
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
  if (shadow.interactions > 0) {
    needs.push({
      level: 'medium',
      sentence: `${thousands(shadow.interactions)} ${shadow.interactions === 1 ? 'interaction' : 'interactions'} that no registered identity answers for`,
      href: shadow.href,
      verb: 'Identify',
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
