/** What waits at the site and in the correspondence of a contract: milestones, evidence, defects, variations, notices. */
import type { Hex } from "@commonhold/web/ledger/api";
import type { Deal } from "./book";
import { type Decision, said } from "./choices";
import { after } from "./countdown";
import { ANSWER, CERTIFIER, CONTRACT, CONTRACTOR, MILESTONE, type Notice, OWNER, VERDICT } from "./law";
import { strings } from "./strings";
import { metres, milli, money, stepTitle, text, ZERO_WORD } from "./words";

const t = strings.decisions;

/** Kinds of notices that ask for an answer: all but General and Detail. */
const asks = (notice: Notice) => notice.kind !== 0 && notice.kind !== 3;

export function ofMilestones(deal: Deal, me: number, now: number): Decision[] {
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

export function ofEvidence(deal: Deal, me: number, now: number): Decision[] {
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

export function ofSite(deal: Deal, me: number): Decision[] {
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

export function ofVariations(deal: Deal, me: number): Decision[] {
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

export function ofNotices(deal: Deal, who: Hex, now: number): Decision[] {
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
