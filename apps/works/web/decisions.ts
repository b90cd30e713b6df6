/** What waits for somebody: each with its clock, what silence means, and what may be said. */
import type { Hex } from "@commonhold/web/ledger/api";
import { appliedFor, type Book, type Deal } from "./book";
import { after } from "./countdown";
import { ANSWER, CERTIFIER, CONTRACT, CONTRACTOR, MILESTONE, type Notice, OWNER, VERDICT } from "./law";
import { strings } from "./strings";
import {
  fingerprint,
  isZero,
  metres,
  milli,
  money,
  permille,
  roles,
  stepTitle,
  sums,
  text,
  ZERO_WORD,
} from "./words";

const t = strings.decisions;

/** Something that may be said. */
export interface Choice {
  label: string;
  look: "primary" | "danger" | "";
  /** Whether a reason has to be given, and what for. */
  reason?: string;
  functionName: string;
  args: (reason: Hex) => unknown[];
  /** What will happen, in words. `who` is the other side. */
  effect: (who: string) => string;
}

export interface Decision {
  key: string;
  /** What it is, in few words. */
  title: string;
  sort: keyof typeof t.sorts;
  project: bigint;
  contract: bigint | undefined;
  /** The other side. */
  who: Hex;
  /** Seconds since 1970; zero: there is no clock. */
  due: number;
  /** What happens if nothing is said. */
  silence: string;
  facts: [string, string][];
  to: string;
  /** The event that it comes of: its name and parts. */
  told: [string, Record<string, string | bigint | number>];
  choices: Choice[];
  /** Lines to be certified, where payment was applied for: permille of each. */
  lines?: number[];
}

/** Kinds of notices that ask for an answer: all but General and Detail. */
const asks = (notice: Notice) => notice.kind !== 0 && notice.kind !== 3;

const said = (
  label: string,
  look: Choice["look"],
  functionName: string,
  args: Choice["args"],
  effect: Choice["effect"],
  reason?: string,
): Choice => ({ label, look, functionName, args, effect, ...(reason ? { reason } : {}) });

function ofMilestones(deal: Deal, me: number, now: number): Decision[] {
  const { terms, contractor } = deal.offer;
  return deal.steps.flatMap((step, at): Decision[] => {
    const number = at + 1;
    const title = stepTitle(deal, number);
    const base = {
      key: `milestone ${deal.number}.${number}`,
      sort: "milestone" as const,
      project: deal.project,
      contract: deal.number,
      who: contractor,
      facts: [
        [t.facts.milestone, title],
        [t.facts.orders, t.accepted(step.accepted, step.orders)],
      ] as [string, string][],
      to: `/works/projects/${deal.project}?show=contracts`,
      told: [
        "MilestoneMoved",
        { contract_: deal.number, milestone: number, state: step.state },
      ] as Decision["told"],
    };
    if (deal.state !== CONTRACT.running) return [];
    const isDone =
      step.graveDefects === 0 && (!step.offer.tested || (step.orders > 0 && step.accepted === step.orders));
    const isOpen = step.state === MILESTONE.open || step.state === MILESTONE.refused;
    if (me & CONTRACTOR && isOpen && isDone && (step.offer.tested || step.state === MILESTONE.refused)) {
      return [
        {
          ...base,
          title: t.claim(title),
          who: deal.owner,
          due: Number(step.offer.dueAt),
          silence: t.silence.claim,
          told: ["ContractAccepted", { number: deal.number }],
          choices: [
            said(
              t.say.claim,
              "primary",
              "claimMilestone",
              () => [deal.number, number],
              () => t.effects.claim(title),
            ),
          ],
        },
      ];
    }
    const until = Number(step.claimedAt) + terms.objectionSeconds;
    if (step.offer.tested && step.state === MILESTONE.claimed) {
      if (until < now) {
        return [
          {
            ...base,
            title: t.settle(title),
            due: 0,
            silence: t.silence.settle,
            choices: [
              said(
                t.say.settle,
                "primary",
                "settleMilestone",
                () => [deal.number, number],
                () => t.effects.settle(title),
              ),
            ],
          },
        ];
      }
      if (me & (OWNER | CERTIFIER)) {
        return [
          {
            ...base,
            title: t.object(title),
            due: until,
            silence: t.silence.window,
            choices: [
              said(
                t.say.object,
                "danger",
                "objectTo",
                (reason) => [deal.number, number, ruleWord, reason],
                () => t.effects.object(title),
                t.reasons.object,
              ),
            ],
          },
        ];
      }
    }
    const needed = step.offer.signers === 0 ? OWNER | CERTIFIER : step.offer.signers;
    const signing =
      step.state === MILESTONE.objected || (step.state === MILESTONE.claimed && !step.offer.tested);
    if (signing && me & needed & ~step.signed) {
      return [
        {
          ...base,
          title: t.sign(title),
          due: Number(step.claimedAt) + terms.clocks.replyDays * 86_400,
          silence: t.silence.sign,
          choices: [
            said(
              t.say.sign,
              "primary",
              "signMilestone",
              () => [deal.number, number, true, ZERO_WORD],
              (who) => t.effects.sign(title, who),
            ),
            said(
              t.say.refuse,
              "danger",
              "signMilestone",
              (reason) => [deal.number, number, false, reason],
              (who) => t.effects.refuseSign(title, who),
              t.reasons.refuse,
            ),
          ],
        },
      ];
    }
    return [];
  });
}

/** The rule that an objection of this app names: a person says why. */
const ruleWord: Hex = `0x${[..."REVIEW"]
  .map((letter) => letter.charCodeAt(0).toString(16))
  .join("")
  .padEnd(64, "0")}`;

function ofEvidence(deal: Deal, me: number, now: number): Decision[] {
  return deal.orders.flatMap((order) =>
    order.states.flatMap((fibre): Decision[] => {
      if (fibre.verdict !== VERDICT.review) return [];
      const over = Number(fibre.reviewUntil) < now;
      if (!(me & CERTIFIER) && !(over && me & OWNER)) return [];
      const name = text(fibre.name);
      return [
        {
          key: `fibre ${order.number} ${fibre.name}`,
          title: t.fibre(name),
          sort: "evidence",
          project: deal.project,
          contract: deal.number,
          who: deal.offer.contractor,
          due: Number(fibre.reviewUntil),
          silence: t.silence.review,
          facts: [
            [t.facts.order, t.order(order.number, stepTitle(deal, order.milestone))],
            [t.facts.length, metres(order.design.lengthMm)],
          ],
          to: `/works/fibre/${order.number}/${encodeURIComponent(name)}`,
          told: ["FibreJudged", { order: order.number, fibre: fibre.name }],
          choices: [
            said(
              t.say.take,
              "primary",
              "decideReview",
              (reason) => [order.number, fibre.name, true, reason],
              () => t.effects.take(name),
              t.reasons.take,
            ),
            said(
              t.say.reject,
              "danger",
              "decideReview",
              (reason) => [order.number, fibre.name, false, reason],
              (who) => t.effects.reject(name, who),
              t.reasons.reject,
            ),
          ],
        },
      ];
    }),
  );
}

function ofSite(deal: Deal, me: number): Decision[] {
  const base = {
    project: deal.project,
    contract: deal.number,
    to: `/works/projects/${deal.project}?show=site`,
  };
  const defects = deal.defects.flatMap((defect): Decision[] => {
    const number = defect.number;
    const facts: [string, string][] = [[t.facts.category, strings.categories[defect.category] ?? ""]];
    if (defect.milestone > 0) facts.push([t.facts.milestone, stepTitle(deal, defect.milestone)]);
    const told: Decision["told"] = ["DefectRaised", { number }];
    if (defect.closedAt !== 0n) return [];
    if (defect.fixedAt === 0n && me & CONTRACTOR) {
      return [
        {
          ...base,
          key: `defect ${number}`,
          title: t.mend(number),
          sort: "site",
          who: defect.raisedBy,
          due: after(defect.raisedAt, defect.allowedDays),
          silence: t.silence.mend,
          facts,
          told,
          choices: [
            said(
              t.say.mended,
              "primary",
              "fixDefect",
              () => [number],
              () => t.effects.mended(number),
            ),
          ],
        },
      ];
    }
    if (defect.fixedAt !== 0n && me & (OWNER | CERTIFIER)) {
      return [
        {
          ...base,
          key: `defect ${number}`,
          title: t.close(number),
          sort: "site",
          who: deal.offer.contractor,
          due: after(defect.fixedAt, deal.offer.terms.clocks.replyDays),
          silence: t.silence.close,
          facts,
          told,
          choices: [
            said(
              t.say.close,
              "primary",
              "answerDefect",
              () => [number, true, ZERO_WORD],
              () => t.effects.close(number),
            ),
            said(
              t.say.notMended,
              "danger",
              "answerDefect",
              (reason) => [number, false, reason],
              (who) => t.effects.notMended(number, who),
              t.reasons.notMended,
            ),
          ],
        },
      ];
    }
    return [];
  });
  const inspections = deal.inspections.flatMap((inspection): Decision[] => {
    if (inspection.doneAt !== 0n || !(me & CERTIFIER)) return [];
    const { number } = inspection;
    const title = stepTitle(deal, inspection.milestone);
    return [
      {
        ...base,
        key: `inspection ${number}`,
        title: t.inspect(title),
        sort: "site",
        who: deal.offer.contractor,
        due: Number(inspection.dueAt),
        silence: t.silence.inspect,
        facts: [[t.facts.milestone, title]],
        told: ["InspectionAsked", { number }],
        choices: [
          said(
            t.say.passed,
            "primary",
            "inspect",
            (reason) => [number, true, reason],
            () => t.effects.passed(title),
            t.reasons.report,
          ),
          said(
            t.say.notPassed,
            "danger",
            "inspect",
            (reason) => [number, false, reason],
            () => t.effects.notPassed(title),
            t.reasons.report,
          ),
        ],
      },
    ];
  });
  return [...defects, ...inspections];
}

function ofVariations(deal: Deal, me: number): Decision[] {
  return deal.variations.flatMap((variation): Decision[] => {
    const byOwner = variation.by.toLowerCase() === deal.owner.toLowerCase();
    const mine = byOwner ? CONTRACTOR : OWNER;
    if (variation.answer !== ANSWER.none || !(me & mine) || deal.state !== CONTRACT.running) return [];
    const { number } = variation;
    const amount = (variation.quantity * variation.rate) / 1_000n;
    const worth = `${variation.omits ? "−" : "+"}${money(amount)}`;
    return [
      {
        key: `variation ${number}`,
        title: t.variation(number),
        sort: "variation",
        project: deal.project,
        contract: deal.number,
        who: variation.by,
        due: after(variation.at, deal.offer.terms.clocks.replyDays),
        silence: t.silence.variation,
        facts: [
          [t.facts.worth, worth],
          [t.facts.rate, t.times(milli(variation.quantity), money(variation.rate))],
          [t.facts.days, t.days(variation.extensionDays)],
        ],
        to: `/works/projects/${deal.project}?show=contracts`,
        told: ["VariationProposed", { number }],
        choices: [
          said(
            t.say.agree,
            "primary",
            "answerVariation",
            () => [number, true, ZERO_WORD],
            () => t.effects.agree(worth, t.days(variation.extensionDays)),
          ),
          said(
            t.say.refuse,
            "danger",
            "answerVariation",
            (reason) => [number, false, reason],
            (who) => t.effects.refuseVariation(who),
            t.reasons.refuse,
          ),
        ],
      },
    ];
  });
}

function ofNotices(deal: Deal, who: Hex, now: number): Decision[] {
  return deal.notices.flatMap((notice): Decision[] => {
    const { number } = notice;
    const kind = strings.noticeKinds[notice.kind] ?? "";
    if (notice.to.toLowerCase() !== who.toLowerCase()) return [];
    const isAsked = asks(notice) && notice.answer === ANSWER.none && notice.answeredAt === 0n;
    const acknowledge = said(
      t.say.acknowledge,
      "",
      "acknowledgeNotice",
      () => [number],
      () => t.effects.acknowledgeNotice(number),
    );
    const first = notice.acknowledgedAt === 0n ? [acknowledge] : [];
    if (!isAsked && first.length === 0) return [];
    return [
      {
        key: `notice ${number}`,
        title: t.notice(number, kind),
        sort: "notice",
        project: deal.project,
        contract: deal.number,
        who: notice.from,
        due: isAsked ? Number(notice.replyDue) : 0,
        silence: isAsked
          ? Number(notice.replyDue) < now
            ? (t.silence.lapsed[deal.offer.terms.clocks.silence] ?? "")
            : (t.silence.notice[deal.offer.terms.clocks.silence] ?? "")
          : t.silence.none,
        facts: [[t.facts.kind, kind]],
        to: `/works/projects/${deal.project}?show=notices`,
        told: ["NoticeGiven", { number }],
        choices: [
          ...(isAsked
            ? [
                said(
                  t.say.yes,
                  "primary",
                  "answerNotice",
                  (reason) => [number, true, reason],
                  (who) => t.effects.yes(number, who),
                  t.reasons.answer,
                ),
                said(
                  t.say.no,
                  "danger",
                  "answerNotice",
                  (reason) => [number, false, reason],
                  (who) => t.effects.no(number, who),
                  t.reasons.answer,
                ),
              ]
            : []),
          ...first,
        ],
      },
    ];
  });
}

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

/** A choice's step, with the fingerprint of its reason. */
export function argsOf(choice: Choice, reason: string): unknown[] {
  return choice.args(reason === "" ? ZERO_WORD : fingerprint(reason));
}
