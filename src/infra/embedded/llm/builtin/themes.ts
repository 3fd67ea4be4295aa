import type { BriefFact } from './brief.ts';
import { readDisplay } from './display.ts';

/** What can be made of a kind of fact. All texts begin with a verb and end without a full stop. */
export interface Theme {
  readonly pattern: RegExp;
  /** The fact tells of something unwanted; one that is zero calls for nothing. */
  readonly concern: boolean;
  readonly advice: readonly string[];
  readonly actions: readonly string[];
}

/** The first that matches a label counts: what is unwanted stands before what is merely counted. */
const themes: readonly Theme[] = [
  {
    pattern: /\b(fraud|alerts?|suspicious|flagged|blocked)/i,
    concern: true,
    advice: ['Look at the flagged cases one by one before the rules are changed', 'Keep a person in the loop for payments that were flagged', 'Check whether the flagged cases share an address, a card or a device'],
    actions: ['Go through the flagged cases and record what each turned out to be', 'Compare the flagged cases with the orders that were shipped anyway', 'Write down which rule caught each case'],
  },
  {
    pattern: /\b(overdue|outstanding|unpaid|declined|dunning|chargebacks?|charged back|open invoices?|due before|payments? (that )?failed|failed payments?)/i,
    concern: true,
    advice: ['Follow up on money that is owed before it grows old', 'Ask why payments fail before offering yet another way to pay', 'Settle who calls a customer whose payment is open'],
    actions: ['List the open payments by age and contact the oldest first', 'Sort the failed payments by reason and put the most frequent one right', 'Send reminders for what is open and note the answers'],
  },
  {
    pattern: /\b(refund|return|given back)/i,
    concern: true,
    advice: ['Find out why goods come back before more of them are sold', 'Read the reasons given with returns and mend the one named most', 'Treat refunds as a question to the product pages, not only to the warehouse'],
    actions: ['Group the returns by product and by reason', 'Check the descriptions of the products that came back', 'Talk through the reasons for refunds with those who pack and ship'],
  },
  {
    pattern: /(?<!\b(?:without|not) )\bcancel/i,
    concern: true,
    advice: ['Learn at which step orders are given up', 'Shorten the time between order and confirmation, where cancellations begin'],
    actions: ['Sort the cancelled orders by reason and by channel', 'Call a few of the customers who cancelled'],
  },
  {
    pattern: /\b(late (deliver|parcel|shipment)|delay|missed deliver|behind schedule|parcels lost|lost parcels)/i,
    concern: true,
    advice: ['Take the late deliveries up with the carriers that caused them', 'Promise delivery dates that the carriers really keep', 'Split late deliveries into those that left late and those that travelled late'],
    actions: ['List the late deliveries by carrier and route', 'Ask the carriers with late deliveries for reasons in writing', 'Check when the late parcels were handed over'],
  },
  {
    pattern: /\b(out of stock|run out|stock-?outs?|below their|reorder|low stock|shortage)/i,
    concern: true,
    advice: ['Reorder what runs short before it is advertised', 'Raise the reorder points of what has run out', 'Give scarce stock to the channel that earns most with it'],
    actions: ['Order what is short and enter the expected dates', 'Review the reorder points of the products concerned', 'Take products that cannot be had off the listings'],
  },
  {
    pattern: /\b(defect|fault|reject|complaint|failed inspection|inspections that failed|damage)/i,
    concern: true,
    advice: ['Stop defects where they arise, with the supplier or in the warehouse', 'Let complaints decide what is inspected first', 'Put what was rejected in front of the supplier with pictures'],
    actions: ['Trace the defects to supplier and batch', 'Inspect the next delivery of the products concerned', 'Answer the open complaints and note the cause of each'],
  },
  {
    pattern: /\b(tickets?|cases?|claims?|warrant|repair|escalat)/i,
    concern: true,
    advice: ['Close old cases before new promises are made', 'Answer the recurring cases with a text that customers find by themselves', 'Give each kind of claim one person who decides it'],
    actions: ['Review the open cases by age', 'Name an owner for every case without one', 'Draft an answer for the kind of case that recurs'],
  },
  {
    pattern: /\b(expired|missing|incomplete|unsigned|unmatched|mismatch|duplicate|outdated|stale|unresolved|unanswered|never reviewed|reached the books)/i,
    concern: true,
    advice: ['Clean up records that are incomplete, since other figures rest on them', 'Close the gaps in the papers before somebody else asks for them', 'Make the incomplete record impossible to save rather than mend it later'],
    actions: ['Complete or remove the records concerned', 'List the gaps with the name of whoever can fill them', 'Find the step at which the record was left incomplete'],
  },
  {
    pattern: /\b(risk|exposure|concentration|dependen|limit)/i,
    concern: true,
    advice: ['Spread what hangs on a single supplier, customer or channel', 'Decide which of the risks is carried and which is reduced', 'Set a limit at which the larger exposures are looked at again'],
    actions: ['Review the largest exposures and write down the decision', 'Name a second source for what depends on one', 'Set a date for looking at the risks again'],
  },
  {
    pattern: /\b(margin|profit|cost|expense|fee|commission)/i,
    concern: false,
    advice: ['Work on what is left after costs, not on turnover alone', 'Ask of every fee what it brings in', 'Compare costs with the last contract before it is renewed'],
    actions: ['Recalculate the prices of what earns least', 'Go through the fees and mark those that can be negotiated', 'Check the larger costs against the contracts'],
  },
  {
    pattern: /\b(revenue|turnover|sales|sold|best[- ]sell)/i,
    concern: false,
    advice: ['Protect the revenue that is there before paying for more', 'Put effort where revenue is earned already', 'Keep in stock what earns the revenue'],
    actions: ['Check price and availability of what brings in the revenue', 'List the products and channels behind the revenue', 'Agree on what must not run out in the coming weeks'],
  },
  {
    pattern: /\b(customer|buyer|repeat|loyal|churn|retention)/i,
    concern: false,
    advice: ['Look after the customers who come back', 'Ask customers who left what would have kept them', 'Treat a second order as worth more than a first one'],
    actions: ['Write to the customers who have not ordered for a while', 'Find out what customers who come back have in common', 'Check how the first order of new customers went'],
  },
  {
    pattern: /\b(marketplace|channel|listing)/i,
    concern: false,
    advice: ['Judge each channel by what it leaves, not by what it turns over', 'Bring the weaker listings up to the standard of the best', 'Keep one price policy for all channels'],
    actions: ['Compare the listings of the channels side by side', 'Correct the listings that fall short', 'Review the terms of the channels'],
  },
  {
    pattern: /\b(deliver|shipment|parcel|carrier|transport|freight|on[- ]time)/i,
    concern: false,
    advice: ['Give more of the volume to the carriers that deliver on time', 'Agree delivery times with the carriers in writing', 'Watch delivery by route rather than in total'],
    actions: ['Review the carriers by punctuality', 'Check the routes that carry most of the shipments', 'Talk to the carriers about the coming season'],
  },
  {
    pattern: /\b(stock|inventory|warehouse|capacity|pick|storage|written off)/i,
    concern: false,
    advice: ['Move stock to where it is asked for', 'Free the space that slow goods take up', 'Count more often where the books and the shelves disagree'],
    actions: ['Mark what has not moved and decide what becomes of it', 'Check the fullest location for goods that could lie elsewhere', 'Recount the places with the largest differences'],
  },
  {
    pattern: /\b(article|knowledge|guide|search|answer)/i,
    concern: false,
    advice: ['Keep the articles that are read most up to date', 'Write down answers that are given more than once'],
    actions: ['Review the articles that are read most', 'Add an article for what is asked without being found'],
  },
  {
    pattern: /\b(rating|review|inspection|quality|satisf)/i,
    concern: false,
    advice: ['Read the worst reviews before the average', 'Carry what the best rated products do over to the others'],
    actions: ['Collect the recurring remarks from the reviews', 'Show the inspection results to those who can change them'],
  },
  {
    pattern: /\b(document|invoice|contract|paper|task|credit note)/i,
    concern: false,
    advice: ['Settle routine papers as they come in', 'Take over by rule what is decided the same way each time'],
    actions: ['Work through the open papers in order of date', 'Name the papers that need no second signature'],
  },
  {
    pattern: /\b(order|basket)/i,
    concern: false,
    advice: ['Make the usual order easy to repeat', 'Watch orders by week, so that a change is seen early'],
    actions: ['Look at the orders that took longest', 'Agree on the figure that is watched each week'],
  },
  {
    pattern: /\bproduct|\bitem|\bprice/i,
    concern: false,
    advice: ['Give the products that carry the business the most care', 'Drop what is neither sold nor needed'],
    actions: ['Review the range from the bottom up', 'Check the texts and prices of the leading products'],
  },
];

export interface Concluded {
  readonly fact: BriefFact;
  readonly theme: Theme;
}

export function themeOf(fact: BriefFact): Theme | undefined {
  const theme = themes.find(({ pattern }) => pattern.test(fact.label));
  return theme?.concern === true && readDisplay(fact.display).value === 0 ? undefined : theme;
}

export function concernOf(fact: BriefFact): Theme | undefined {
  const theme = themeOf(fact);
  return theme?.concern === true ? theme : undefined;
}

/** One fact with a figure a theme, at most `limit`; concerns first, else in the order given. */
export function conclude(facts: readonly BriefFact[], limit: number): Concluded[] {
  const found = new Map<Theme, BriefFact>();
  for (const fact of facts) {
    const theme = themeOf(fact);
    if (theme !== undefined && !found.has(theme) && readDisplay(fact.display).kind === 'number') found.set(theme, fact);
  }
  const concluded = [...found].map(([theme, fact]) => ({ theme, fact }));
  return [...concluded.filter(({ theme }) => theme.concern), ...concluded.filter(({ theme }) => !theme.concern)].slice(0, limit);
}
