/** What people on the staff ask, what they are told, and where it stands. */
export type Question = { ask: string; answer: string; source: string };

export const questions: readonly Question[] = [
  {
    ask: '[How do I|Where can I] [reset|set] the code of [the till|the label printer|my scanner]?',
    answer:
      'Hold both buttons for five seconds, then enter the code from the [shop|stock room] tablet. [Ask the service desk if the light stays red.|It works again within a minute.]',
    source: 'it/devices',
  },
  {
    ask: 'What is the [minimum order|lead time] of {supplier}?',
    answer:
      '{supplier} delivers within {days} working days; below 500 units they add [a surcharge|freight costs]. [The contract of last spring says so.|Buying can confirm it.]',
    source: 'buying/suppliers',
  },
  {
    ask: '[May we|Can we] sell [an opened|a returned] {product} [at a discount|as second choice]?',
    answer:
      'Yes, [after the check on the returns bench|once graded], up to thirty per cent off; [tag it with the yellow label|it then has a year of warranty].',
    source: 'retail/second-choice',
  },
  {
    ask: '[Who approves|Who signs off] [a refund|a write-off|an express delivery] [over|above] {amount} euros?',
    answer:
      'The shop lead up to 250 euros, above that [the regional manager|finance]. [The form is in the handbook.|It takes a day as a rule.]',
    source: 'finance/limits',
  },
  {
    ask: '[How long do we keep|When do we delete] delivery addresses?',
    answer: 'Three years after the order, [then they are deleted overnight|tax papers excepted].',
    source: 'legal/retention',
  },
  {
    ask: '[How long do we keep|When do we delete] application papers?',
    answer:
      'Six months after the decision, [unless the applicant agreed to longer|by the portal itself].',
    source: 'legal/retention',
  },
  {
    ask: '[What is new|What changed] in the {product} [this season|for spring]?',
    answer:
      'The {product} comes in [two new colours|recycled fabric|a lighter make], [and costs ten euros more|at the same price]. [Samples reach the shops next week.|Training is on Thursday.]',
    source: 'range/briefings',
  },
  {
    ask: '[Is|Was] the {product} [recalled|part of the recall of last year]?',
    answer:
      'No, [only the stoves made before March were|the recall was for one batch of stoves]. [Serial numbers are in the list.|Quality can check one for you.]',
    source: 'quality/recalls',
  },
  {
    ask: '[What do I do with|Where do I send] a {product} that a customer left for repair?',
    answer:
      'Scan it into [the repair shelf|the blue crate]; it goes to the workshop on [Tuesday|Friday] and takes {days} days.',
    source: 'retail/repairs',
  },
  {
    ask: '[When does|At what time does] the [truck|van] from the {city} warehouse [come|leave]?',
    answer:
      'On weekdays at [six|seven|half past five], [the list is fixed the evening before|Saturdays only before holidays].',
    source: 'logistics/rounds',
  },
];

export const handbook: readonly Question[] = [
  {
    ask: '[How many days of leave do I have left?|What is left of my leave?]',
    answer:
      'You have {days} days left, [two of them from last year|to be taken by the end of March].',
    source: 'handbook/12',
  },
  {
    ask: '[Can I carry over leave into spring?|What happens to leave that I do not take?]',
    answer:
      'Five days may be carried over until the end of March; [the rest expires|others only after illness].',
    source: 'handbook/13',
  },
  {
    ask: '[How do I report sick?|I am ill, whom do I tell?]',
    answer:
      'Tell your lead before nine and enter it in the portal; [from the third day we need a note|get well soon].',
    source: 'handbook/21',
  },
  {
    ask: '[What do I do when my child is ill?|Is care for an ill child paid?]',
    answer: 'Ten days a year are paid; [enter them as care|single parents have twenty].',
    source: 'handbook/22',
  },
  {
    ask: '[Is parental leave paid?|When must I announce parental leave?]',
    answer:
      'Announce it eight weeks before. The state pays, and we add a tenth [for a year|for both parents].',
    source: 'handbook/25',
  },
  {
    ask: '[What is the staff discount?|How much do I save as staff?]',
    answer:
      'Forty per cent on our own brand, twenty on others, [up to 1,500 euros a year|also for one partner].',
    source: 'handbook/40',
  },
  {
    ask: '[Who pays for a course?|May I go to a conference?]',
    answer: 'Your team has a budget; [ask your lead first|{days} days a year count as work].',
    source: 'handbook/33',
  },
  {
    ask: '[May I work from home?|How many days may I work from abroad?]',
    answer:
      '[Two days a week, agreed with your team.|Twenty days a year within the EU, announced two weeks before.]',
    source: 'handbook/8',
  },
];
