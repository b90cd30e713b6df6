/** What of the pages is computed: times, money, scores, what happened, what waits. */
import type { Event } from "@commonhold/web/ledger/events";
import { toHex } from "viem";
import { describe, expect, test } from "vitest";
import { phase } from "./Bids";
import type { Book, Deal } from "./book";
import { appliedFor, listed, proof } from "./book";
import { amountOf, asPercent, typed } from "./Certify";
import { argsOf } from "./choices";
import { countdown, urgency } from "./countdown";
import { decay, effects, type Known, score, valueFactor, waterfall } from "./cs1";
import { waiting } from "./decisions";
import type { Fact, Milestone, Tender } from "./law";
import { opened } from "./revealing";
import { limitsOf } from "./ruleset";
import { entries, merged, search } from "./timeline";
import { db, fingerprint, measure, metres, money, permille, plainMoney, text } from "./words";

const word = (words: string) => toHex(words, { size: 32 });
const who = (digit: string) => `0x${digit.repeat(40)}` as const;
const [owner, builder, keel] = [who("1"), who("2"), who("3")];
const ZERO = `0x${"0".repeat(64)}` as const;

describe("times", () => {
  test("count down to their last second, and then how long they are over", () => {
    expect(countdown(100n, 100)).toBe("0 s left");
    expect(countdown(100n, 101)).toBe("1 s over");
    expect(countdown(90_000, 0)).toBe("1 d 1 h left");
    expect(countdown(0n, 5)).toBe("No deadline");
  });
  test("are pressing two days before", () => {
    expect(urgency(0n, 5)).toBe("none");
    expect(urgency(10 * 86_400, 0)).toBe("calm");
    expect(urgency(2 * 86_400, 0)).toBe("soon");
    expect(urgency(1, 2)).toBe("over");
  });
});

describe("limits", () => {
  test("are the constants of a ruleset's text; what it does not name limits nothing", () => {
    const ruleset =
      'ruleset "X" 1 fibre\nconst splice_hard = 200\nconst reflectance = -45000\nconst a = {1310: 360}\n';
    expect(limitsOf(ruleset)).toEqual({
      spliceHard: 200,
      splice95: Number.POSITIVE_INFINITY,
      connector: Number.POSITIVE_INFINITY,
      reflectance: -45_000,
    });
  });
});

describe("figures", () => {
  test("have their places and their sign", () => {
    expect([money(123_456n), money(5), money(-1_050n)]).toEqual(["1,234.56", "0.05", "−10.50"]);
    expect([plainMoney(123_456n), plainMoney(-5n)]).toEqual(["1234.56", "-0.05"]);
    expect([permille(125), permille(1_000), db(-140), metres(1_299_993)]).toEqual([
      "12.5 %",
      "100 %",
      "−0.140 dB",
      "1,300 m",
    ]);
    expect(measure(-60n, "mdB")).toBe("−0.060 dB");
    expect(measure(20_000n, "mm")).toBe("20 m");
    expect(measure(340n, "mdB/km")).toBe("0.340 dB/km");
    expect(measure(3n, "files")).toBe("3 files");
    expect(measure(20n, "1/20")).toBe("1.0 splices");
  });
  test("that people type are percentages or nothing", () => {
    expect(["100", "0", "12.5", "12,5", " 7 "].map(typed)).toEqual([1_000, 0, 125, 125, 70]);
    for (const wrong of ["", "100.1", "-1", "1e2", "12.55", "٣", "<b>"]) expect(typed(wrong)).toBeUndefined();
    expect(asPercent(125)).toBe("12.5");
    expect(amountOf({ quantity: 4_000_000n, rate: 1_250n }, 1_000)).toBe(5_000_000n);
  });
  test("texts of 32 bytes hide nothing", () => {
    expect(text(word("cable measured"))).toBe("cable measured");
    expect(text(word("K\u202e01"))).toBe("K‹U+202E›01");
    expect(text(ZERO)).toBe("");
    expect(text(`0x${"ff".repeat(32)}`)).toBe("\ufffd".repeat(32));
  });
});

describe("a score", () => {
  /** The newcomer of the score's own examples. */
  const known: Known = { part: 0, own: "S", credibility: () => 900n, epoch: 700 };
  const fact = (dimension: number, group: string, outcome: number, value: bigint, time: bigint): Fact => ({
    number: 1n,
    part: 0,
    dimension,
    outcome,
    value,
    verification: 2,
    time,
    counterparty: owner,
    group: group as Fact["group"],
    source: 3,
    item: 1n,
    state: 0,
  });
  const facts = [
    fact(0, "OP1", 10_000, 81_681_896n, 1_736_384_902n),
    fact(1, "OP0", 10_000, 71_251_268n, 1_783_491_793n),
  ];
  test("of facts is what the law computes", () => {
    const found = score(facts, known);
    expect([found.micro, found.coverage]).toEqual([751_125n, 74n]);
    expect(found.means).toEqual([7_803n, 8_035n, 7_000n, 7_000n, 7_000n, 7_000n]);
    expect(effects(facts, known)).toEqual([20_075n, 31_050n]);
  });
  test("begins at 700, and takes nothing from one's own", () => {
    expect(score([], known).micro).toBe(700_000n);
    expect(score([fact(1, "S", 0, 10n ** 12n, 1_783_491_793n)], known).micro).toBe(700_000n);
  });
  test("fades by half in eighteen epochs", () => {
    expect([0, 1, 18, 107, 108, -1].map(decay)).toEqual([1_048_576n, 1_008_965n, 524_288n, 17_027n, 0n, 0n]);
    expect([0n, 999_999n, 1_000_000n, 3_000_000n, 2n ** 64n - 1n].map(valueFactor)).toEqual([
      1n,
      1n,
      2n,
      3n,
      8n,
    ]);
  });
  test("falls in steps that come to it", () => {
    const steps = waterfall(700_000n, 751_125n, [20_075n, 31_050n, 0n, -3n], 2);
    expect(steps.map(({ kind, at }) => [kind, at])).toEqual([
      ["start", undefined],
      ["fact", 0],
      ["fact", 1],
      ["others", undefined],
      ["together", undefined],
      ["end", undefined],
    ]);
    for (const [at, step] of steps.slice(1, -1).entries()) expect(step.from).toBe(steps[at]?.to);
    expect(steps.at(-2)?.to).toBe(751_125n);
    expect(waterfall(1n, 1n, [], 5)).toHaveLength(2);
  });
});

const event = (name: string, block: number, values: Record<string, string>): Event => ({
  name,
  values: new Map(Object.entries(values)),
  transaction: `0x${block.toString(16).padStart(64, "0")}`,
  block,
  index: 0,
  timeMs: block * 1_000,
});

const milestone = (change: Partial<Milestone> & { tested?: boolean }): Milestone => ({
  offer: { title: word("ducts"), dueAt: 900n, plannedDays: 9, tested: change.tested ?? false, signers: 3 },
  state: 0,
  signed: 0,
  orders: 0,
  accepted: 0,
  graveDefects: 0,
  claimedAt: 0n,
  certifiedAt: 0n,
  objector: 0,
  reason: ZERO,
  ...change,
});

const clocks = {
  noticeBarDays: 0,
  detailDays: 0,
  replyDays: 1,
  quotationDays: 0,
  certificateDays: 1,
  paymentDays: 2,
};

function deal(change: Partial<Deal>): Deal {
  return {
    number: 1n,
    project: 1n,
    owner,
    offer: {
      package: 1n,
      tender: 0n,
      contractor: builder,
      certifier: keel,
      documents: ZERO,
      ruleset: ZERO,
      terms: {
        retention: 50,
        retentionCap: 1_000,
        releaseAtCompletion: 500,
        damagesPerDay: 0n,
        damagesCap: 0,
        advance: 0,
        advanceRecovery: 0,
        dueAt: 1_000n,
        objectionSeconds: 100,
        defectsDays: 1,
        deemedDays: 1,
        unitsPerMinor: 1n,
        profile: 1,
        clocks: { ...clocks, silence: 2 },
      },
    },
    state: 1,
    formedAt: 1n,
    acceptedAt: 2n,
    completedAt: 0n,
    sum: 100_000n,
    added: 0n,
    omitted: 0n,
    extensionDays: 0,
    lines: 1n,
    milestones: 1n,
    certified: 0n,
    openDefects: 0,
    appliedAt: 0n,
    certificates: 0n,
    paid: 0n,
    paidMinor: 0n,
    escrow: ZERO,
    steps: [milestone({})],
    bill: [{ quantity: 1_000n, rate: 100_000n, milestone: 0, done: 0 }],
    shares: [],
    paper: [],
    orders: [],
    defects: [],
    inspections: [],
    variations: [],
    notices: [],
    ...change,
  };
}

const book = (deals: Deal[], events: Event[] = []): Book => ({
  projects: [{ number: 1n, owner, openedAt: 1n, title: "Valley" }],
  packages: [{ number: 1n, project: 1n, tender: 0n, contract: 1n, title: "Section 1" }],
  tenders: [],
  deals,
  documents: [],
  transmittals: [],
  events,
});

describe("what happened", () => {
  const events = [
    event("Paid", 9, { contract_: "1", number: "1", minor: "4875000", units: "1" }),
    event("MilestoneMoved", 8, { contract_: "1", milestone: "1", state: "3", by: owner, reason: ZERO }),
    event("FactStated", 7, {
      subject: builder,
      number: "1",
      part: "0",
      dimension: "1",
      source: "3",
      item: "1",
    }),
    event("ProjectOpened", 1, { number: "1", owner, title: "Va\u202elley" }),
  ];
  test("is told in words, each with its project", () => {
    const told = entries(events, book([deal({})], events));
    expect(told.map(({ sort, what, about, project }) => [sort, what, about, project])).toEqual([
      ["payment", "Paid", "Certificate 1: 48,750.00", 1n],
      ["milestone", "Milestone certified", "ducts", 1n],
      ["credit", "Fact stated", "Contractor: At the first try", 1n],
      ["contract", "Project opened", "Va‹U+202E›lley", 1n],
    ]);
    expect(told[0]?.to).toBe("/works/payments/1");
    expect(told[1]?.to).toBe("/works/projects/1?show=contracts");
  });
  test("is told once, the newest first, and of what nobody knows by its name", () => {
    const all = merged(events.slice(0, 2), events, [event("Later", 10, {})]);
    expect(all.map(({ block }) => block)).toEqual([10, 9, 8, 7, 1]);
    expect(entries([...all, ...all], book([]))).toHaveLength(5);
    expect(entries(all, book([]))[0]?.what).toBe("Later");
  });
  test("is found by words", () => {
    const told = entries(events, book([deal({})], events));
    expect(search(told, "certificate PAID")).toHaveLength(1);
    expect(search(told, "  ")).toHaveLength(4);
    expect(search(told, "0x0000000000000000000000000000000000000000000000000000000000000009")).toHaveLength(
      1,
    );
    expect(search(told, "nothing of it")).toHaveLength(0);
  });
  test("has its proof, and what was applied for", () => {
    const applied = event("PaymentApplied", 5, { contract_: "1", "done.0": "600", "done.1": "0" });
    const of = book([deal({})], [...events, applied]);
    expect(proof(of, "Paid", { contract_: 1n, number: 1 })).toBe(events[0]?.transaction);
    expect(proof(of, "Paid", { contract_: 2n })).toBeUndefined();
    expect(appliedFor(of, deal({}))).toEqual([600, 0]);
    expect(listed(applied, "done")).toEqual(["600", "0"]);
  });
});

describe("what waits", () => {
  const keys = (change: Partial<Deal>, of: `0x${string}`, now = 10, events: Event[] = []) =>
    waiting(book([deal(change)], events), of, now).map(({ key, choices }) => [
      key,
      ...choices.map(({ functionName }) => functionName),
    ]);
  test("for signatures, of whom it needs and who has not signed", () => {
    const claimed = [milestone({ state: 1, claimedAt: 5n, signed: 2 })];
    expect(keys({ steps: claimed }, owner)).toEqual([["milestone 1.1", "signMilestone", "signMilestone"]]);
    expect(keys({ steps: claimed }, keel)).toEqual([]);
    expect(keys({ steps: claimed }, builder)).toEqual([]);
  });
  test("for an objection within its window, and then for anybody", () => {
    const claimed = [milestone({ tested: true, state: 1, claimedAt: 5n })];
    expect(keys({ steps: claimed }, keel)).toEqual([["milestone 1.1", "objectTo"]]);
    expect(keys({ steps: claimed }, builder)).toEqual([]);
    expect(keys({ steps: claimed }, builder, 106)).toEqual([["milestone 1.1", "settleMilestone"]]);
  });
  test("for payment: to be certified, and to be paid", () => {
    const applied = event("PaymentApplied", 5, { contract_: "1", "done.0": "600" });
    const found = waiting(book([deal({ appliedAt: 5n })], [applied]), keel, 10);
    expect(found.map(({ key, lines, due }) => [key, lines, due])).toEqual([["certify 1", [600], 86_405]]);
    const certificate = {
      grossWork: 60_000n,
      variations: 0n,
      retention: 3_000n,
      advancePaid: 0n,
      advanceRecovered: 0n,
      damages: 0n,
      net: 57_000n,
      payment: 57_000n,
      certifiedAt: 6n,
      dueAt: 99n,
      paidAt: 0n,
      reason: ZERO,
    };
    expect(keys({ paper: [certificate] }, owner)).toEqual([["pay 1.1", "pay"]]);
    expect(keys({ paper: [certificate], paid: 1n }, owner)).toEqual([]);
  });
  test("is in the order of what is due, and a reason is its fingerprint", () => {
    const steps = [milestone({ state: 1, claimedAt: 5n })];
    const variation = {
      number: 4n,
      contract_: 1n,
      by: builder,
      at: 1n,
      quantity: 2_000n,
      rate: 95_000n,
      omits: false,
      extensionDays: 4,
      what: ZERO,
      answer: 0,
      answeredAt: 0n,
      reason: ZERO,
    };
    const found = waiting(book([deal({ steps, variations: [variation] })]), owner, 10);
    expect(found.map(({ key, due }) => [key, due])).toEqual([
      ["variation 4", 86_401],
      ["milestone 1.1", 86_405],
    ]);
    const refuse = found[0]?.choices[1];
    expect(refuse && argsOf(refuse, "too dear")).toEqual([4n, false, fingerprint("too dear")]);
    expect(refuse?.effect("Brightline")).toContain("Brightline");
  });
});

describe("a bid", () => {
  test("may say anything", () => {
    expect(opened(toHex('{"price_minor": 50000}'))).toMatchObject({ price: 50_000n });
    for (const text of ["50000", "null", '{"price_minor": -1}', '{"price_minor": 1e99}', "<img src=x>", ""]) {
      expect(opened(text === "" ? "0x" : toHex(text))).toEqual({ text, price: undefined });
    }
  });
  test("is sealed until the deadline", () => {
    const tender = { deadline: 100n, openingUntil: 200n, bids: 1n, opened: 0n, awarded: who("0") } as Tender;
    const at = (now: number, change: Partial<Tender> = {}) =>
      phase({ ...tender, ...change, offers: [] } as Tender & { offers: [] }, now, false);
    expect([at(100), at(101), at(201)]).toEqual(["bidding", "opening", "over"]);
    expect([at(101, { opened: 1n }), at(101, { awarded: owner })]).toEqual(["decide", "awarded"]);
  });
});
