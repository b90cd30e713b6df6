/** What waits for somebody: each with its clock, what silence means, and what may be said. */

import type { Hex } from "@commonhold/web/ledger/api";
import { appliedFor, type Book, type Deal } from "./book";
import { type Decision, said } from "./choices";
import { after } from "./countdown";
import { CERTIFIER, CONTRACT, CONTRACTOR, OWNER } from "./law";
import { strings } from "./strings";
import { ofEvidence, ofMilestones, ofNotices, ofSite, ofVariations } from "./waits";
import { isZero, money, permille, roles, sums, text } from "./words";

const t = strings.decisions;

function ofContract(book: Book, deal: Deal, me: number, who: Hex, now: number): Decision[] {
  const { terms } = deal.offer;
  const base = { project: deal.project, contract: deal.number };
  const found: Decision[] = [];
  const { number } = deal;
  const overview = `/works/projects/${deal.project}?show=contracts`;
  const payments = `/works/payments/${number}`;
  if (deal.state === CONTRACT.offered && me & CONTRACTOR && deal.steps.length > 0 && deal.bill.length > 0) {
    found.push({
      ...base,
      key: `contract ${number}`,
      title: t.contract(number),
      sort: "contract",
      who: deal.owner,
      due: 0,
      silence: t.silence.contract,
      facts: [
        [t.facts.sum, money(deal.sum)],
        [t.facts.retention, permille(terms.retention)],
        [t.facts.milestones, String(deal.steps.length)],
      ],
      to: overview,
      told: ["ContractOffered", { number }],
      choices: [
        said(
          t.say.accept,
          "primary",
          "acceptContract",
          () => [number, deal.sum],
          (who) => t.effects.accept(number, money(deal.sum), who),
        ),
      ],
    });
  }
  for (const share of deal.shares) {
    if (share.agreed || share.subcontractor.toLowerCase() !== who.toLowerCase()) continue;
    found.push({
      ...base,
      key: `share ${number}`,
      title: t.share(number),
      sort: "contract",
      who: deal.offer.contractor,
      due: 0,
      silence: t.silence.share,
      facts: [[t.facts.share, permille(share.permille)]],
      to: payments,
      told: ["SubcontractorNamed", { number }],
      choices: [
        said(
          t.say.agree,
          "primary",
          "agreeShare",
          () => [number],
          (who) => t.effects.share(permille(share.permille), who),
        ),
      ],
    });
  }
  if (deal.appliedAt !== 0n && me & CERTIFIER) {
    const done = appliedFor(book, deal) ?? [];
    found.push({
      ...base,
      key: `certify ${number}`,
      title: t.certify(number),
      sort: "payment",
      who: deal.offer.contractor,
      due: after(deal.appliedAt, terms.clocks.certificateDays),
      silence: t.silence.certify,
      facts: [[t.facts.certified, money(sums(deal).net)]],
      to: payments,
      told: ["PaymentApplied", { contract_: number }],
      choices: [],
      lines: done,
    });
  }
  const next = deal.paper[Number(deal.paid)];
  if (next && me & OWNER) {
    const certificate = deal.paid + 1n;
    found.push({
      ...base,
      key: `pay ${number}.${certificate}`,
      title: t.pay(certificate),
      sort: "payment",
      who: deal.offer.contractor,
      due: Number(next.dueAt),
      silence: t.silence.pay,
      facts: [[t.facts.payment, money(next.payment)]],
      to: payments,
      told: ["PaymentCertified", { contract_: number, number: certificate }],
      choices: [
        said(
          t.say.pay,
          "primary",
          "pay",
          () => [number, certificate],
          (who) => t.effects.pay(money(next.payment), who),
        ),
      ],
    });
  }
  const held = deal.paper.at(-1)?.retention ?? 0n;
  const until = after(deal.completedAt, terms.defectsDays);
  const isWhole = deal.bill.every((line) => line.done === 1_000);
  const free = deal.openDefects === 0 && deal.appliedAt === 0n && isWhole;
  if (deal.state === CONTRACT.completed && held > 0n && until < now && free && me & CONTRACTOR) {
    found.push({
      ...base,
      key: `retention ${number}`,
      title: t.retention(number),
      sort: "payment",
      who: deal.owner,
      due: 0,
      silence: t.silence.retention,
      facts: [[t.facts.retention, money(held)]],
      to: payments,
      told: ["ContractCompleted", { number }],
      choices: [
        said(
          t.say.release,
          "primary",
          "releaseRetention",
          () => [number],
          () => t.effects.release(money(held)),
        ),
      ],
    });
  }
  return [
    ...found,
    ...ofMilestones(deal, me, now),
    ...ofEvidence(deal, me, now),
    ...ofSite(deal, me),
    ...ofVariations(deal, me),
    ...ofNotices(deal, who, now),
  ];
}

function ofTenders(book: Book, who: Hex, now: number): Decision[] {
  const owners = new Map(book.projects.map((project) => [String(project.number), project.owner]));
  const given = new Set(book.deals.map((deal) => String(deal.offer.package)));
  return book.tenders.flatMap((tender): Decision[] => {
    const owner = owners.get(String(tender.project));
    const mine = owner?.toLowerCase() === who.toLowerCase();
    const open =
      Number(tender.deadline) < now && isZero(tender.awarded) && !given.has(String(tender.package));
    if (!mine || !open || tender.bids === 0n) return [];
    const { number } = tender;
    const offers = tender.offers.filter((bid) => bid.opened);
    return [
      {
        key: `tender ${number}`,
        title: t.award(number),
        sort: "tender",
        project: tender.project,
        contract: undefined,
        who,
        due: Number(tender.openingUntil),
        silence: offers.length === 0 ? t.silence.shut : t.silence.award,
        facts: [[t.facts.bids, t.opened(offers.length, Number(tender.bids))]],
        to: `/works/bids/${number}`,
        told: ["TenderOpened", { number }],
        choices: [],
      },
    ];
  });
}

function ofTransmittals(book: Book, who: Hex): Decision[] {
  return book.transmittals.flatMap((sent): Decision[] => {
    const mine = sent.receipts.find((one) => one.recipient.toLowerCase() === who.toLowerCase());
    if (mine?.acknowledgedAt !== 0n) return [];
    const { number } = sent;
    return [
      {
        key: `transmittal ${number}`,
        title: t.transmittal(number),
        sort: "document",
        project: sent.project,
        contract: undefined,
        who: sent.by,
        due: Number(mine.receivedAt),
        silence: t.silence.transmittal,
        facts: [
          [t.facts.purpose, text(sent.reason)],
          [t.facts.documents, String(sent.sheets.length)],
        ],
        to: `/works/projects/${sent.project}?show=documents`,
        told: ["Transmitted", { number }],
        choices: [
          said(
            t.say.acknowledge,
            "primary",
            "acknowledge",
            () => [number],
            (who) => t.effects.acknowledge(number, who),
          ),
        ],
      },
    ];
  });
}

/** What waits for somebody, what is due soonest first, and what has no clock last. */
export function waiting(book: Book, who: Hex, now: number): Decision[] {
  const all = [
    ...book.deals.flatMap((deal) => ofContract(book, deal, roles(deal, who), who, now)),
    ...ofTenders(book, who, now),
    ...ofTransmittals(book, who),
  ];
  const order = (one: Decision) => (one.due === 0 ? Number.MAX_SAFE_INTEGER : one.due);
  return all.sort((a, b) => order(a) - order(b) || a.key.localeCompare(b.key));
}
