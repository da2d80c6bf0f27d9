import * as background from './background';
import * as engineering from './engineering';
import * as office from './office';
import type { Archetype } from './organisation';
import { sales } from './sales';
import type { Session } from './session';
import * as support from './support';
import { develop } from './terminal/develop';

/** What an actor of each archetype does in one session. */
export const archetypes: Record<Archetype, (session: Session) => void> = {
  triage: support.triage,
  returns: support.returns,
  knowledge: office.knowledge,
  handbook: office.handbookHelper,
  invoice: office.invoice,
  expenses: office.expenses,
  recruiting: office.recruiting,
  sales,
  campaign: office.campaign,
  notebook: office.notebook,
  meeting: office.meeting,
  review: engineering.review,
  coding: engineering.coding,
  incident: engineering.incident,
  terminal: develop,
  etl: background.etl,
  sync: background.sync,
  indexer: background.indexer,
  fraud: background.fraud,
  reports: background.reports,
  payments: background.payments,
  parcels: background.parcels,
  // These act only when asked, within the session of whoever asks.
  pricing: () => {},
  server: () => {},
};
