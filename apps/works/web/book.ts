/** Everything of some projects, as the ledger has it now: what the pages are made of. */
import type { Hex } from "@commonhold/web/ledger/api";
import { type Event, events } from "@commonhold/web/ledger/events";
import {
  type Bid,
  type Certificate,
  type Contract,
  type Defect,
  type Document,
  every,
  type Fibre,
  type Inspection,
  KIND,
  type Line,
  laws,
  lists,
  type Milestone,
  type Notice,
  numbered,
  numbersBy,
  type Order,
  type Package,
  type Project,
  packages as packagesOf,
  projects as projectsOf,
  type Share,
  type Tender,
  type Transmittal,
  type Variation,
} from "./law";

/** Projects that one page gathers: the newest. */
export const PROJECTS_MAX = 50;

/** A contract with all that belongs to it. */
export interface Deal extends Contract {
  project: bigint;
  steps: Milestone[];
  bill: Line[];
  shares: readonly Share[];
  paper: Certificate[];
  orders: (Order & { states: Fibre[] })[];
  defects: Defect[];
  inspections: Inspection[];
  variations: Variation[];
  notices: Notice[];
}

export interface Book {
  projects: Project[];
  packages: Package[];
  tenders: (Tender & { project: bigint; offers: Bid[] })[];
  deals: Deal[];
  documents: Document[];
  transmittals: Transmittal[];
  /** The newest first. */
  events: Event[];
}

const key = (number: bigint) => String(number);
const one = <T>(all: readonly T[]) => all.map((entry) => [entry]);

/** Numbers of a kind that belong to each of these. */
const numbersOf = (kind: number, of: readonly bigint[]) =>
  lists<bigint>(
    "numbersOf",
    of.map((item) => [kind, item]),
  );

/** Things of a kind of each contract, in the contracts' order. */
async function ofEach<T>(kind: number, functionName: string, contracts: readonly bigint[]): Promise<T[][]> {
  const numbers = await numbersOf(kind, contracts);
  const found = await numbered<T>(functionName, numbers.flat());
  let at = 0;
  return numbers.map((some) => {
    at += some.length;
    return found.slice(at - some.length, at);
  });
}

/** What an order's fibres or sectors are called. */
export const namesOf = (design: Pick<Order["design"], "fibres" | "sectors">) => [
  ...design.fibres,
  ...design.sectors.map((sector) => sector.name),
];

async function fibres(orders: Order[]): Promise<Map<string, Fibre[]>> {
  const asked = orders.flatMap(({ number, design }) => namesOf(design).map((name) => ({ number, name })));
  const found = await laws<Fibre>(
    "fibre",
    asked.map(({ number, name }) => [number, name]),
  );
  const states = new Map<string, Fibre[]>();
  for (const [at, { number, name }] of asked.entries()) {
    const state = found[at];
    if (state)
      states.set(key(number), [...(states.get(key(number)) ?? []), { ...state, name, order: number }]);
  }
  return states;
}

/** Contracts with all that belongs to them. */
async function deals(numbers: readonly bigint[], projects: readonly bigint[]): Promise<Deal[]> {
  const each = one(numbers);
  const [found, steps, bill, shares, paper, orders, defects, inspections, variations, notices] =
    await Promise.all([
      numbered<Contract>("contractOf", numbers),
      lists<Milestone>("milestones", each),
      lists<Line>("lines", each),
      laws<Share[]>("shares", each),
      lists<Certificate>("certificates", each),
      ofEach<Order>(KIND.Order, "orderOf", numbers),
      ofEach<Defect>(KIND.Defect, "defect", numbers),
      ofEach<Inspection>(KIND.Inspection, "inspection", numbers),
      ofEach<Variation>(KIND.Variation, "variation", numbers),
      ofEach<Notice>(KIND.Notice, "notice", numbers),
    ]);
  const states = await fibres(orders.flat());
  return found.map((contract, at) => ({
    ...contract,
    project: projects[at] ?? 0n,
    steps: steps[at] ?? [],
    bill: bill[at] ?? [],
    shares: shares[at] ?? [],
    paper: paper[at] ?? [],
    orders: (orders[at] ?? []).map((order) => ({ ...order, states: states.get(key(order.number)) ?? [] })),
    defects: defects[at] ?? [],
    inspections: inspections[at] ?? [],
    variations: variations[at] ?? [],
    notices: notices[at] ?? [],
  }));
}

const word = (number: bigint): Hex => `0x${number.toString(16)}`;

/** Names of the law's events by what they tell of at their first place. */
const FIRST = {
  project: ["ProjectOpened"],
  tender: ["BidMade", "BidOpened", "TenderAwarded"],
  contract: [
    "ContractOffered",
    "ContractAccepted",
    "SubcontractorNamed",
    "Funded",
    "MilestoneMoved",
    "Signed",
    "ContractCompleted",
    "PaymentApplied",
    "PaymentCertified",
    "Paid",
    "Refunded",
    "DiaryWritten",
  ],
  order: ["OrderDone", "FibreJudged"],
  defect: ["DefectFixed", "DefectAnswered"],
  inspection: ["Inspected"],
  variation: ["VariationAnswered"],
  notice: ["NoticeAcknowledged", "NoticeAnswered", "NoticeLapsed"],
  transmittal: ["Acknowledged"],
} as const;

/** And at their second. */
const SECOND = {
  project: ["PackageAdded", "DocumentRevised", "Transmitted"],
  package: ["TenderOpened"],
  contract: ["OrderIssued", "InspectionAsked", "DefectRaised", "VariationProposed", "NoticeGiven"],
  order: ["EvidenceTaken"],
} as const;

type Numbers = Record<string, readonly bigint[]>;

/** All that was told of these things. */
async function told(of: Numbers): Promise<Event[]> {
  const asked = [
    ...Object.entries(FIRST).map(([what, names]) => events("works", [...names], (of[what] ?? []).map(word))),
    ...Object.entries(SECOND).map(([what, names]) =>
      events("works", [...names], null, (of[what] ?? []).map(word)),
    ),
  ];
  const found = (await Promise.all(asked)).flat();
  return found.sort((a, b) => b.block - a.block || b.index - a.index);
}

/** Everything of these projects. */
export async function gather(numbers: readonly bigint[]): Promise<Book> {
  const [projects, packageNumbers, documentNumbers, transmittalNumbers] = await Promise.all([
    projectsOf(numbers),
    numbersOf(KIND.Package, numbers),
    numbersOf(KIND.Document, numbers),
    numbersOf(KIND.Transmittal, numbers),
  ]);
  const packages = await packagesOf(packageNumbers.flat());
  const own = packages.map((one) => one.number);
  const projectOf = new Map(packages.map((one) => [key(one.number), one.project]));
  const [tenderNumbers, contractNumbers] = await Promise.all([
    numbersOf(KIND.Tender, own),
    numbersOf(KIND.Contract, own),
  ]);
  const ofPackages = (lists: bigint[][]) =>
    lists.flatMap((some, at) => some.map((number) => ({ number, package: own[at] ?? 0n })));
  const [bidding, dealing] = [ofPackages(tenderNumbers), ofPackages(contractNumbers)];
  const [tenders, offers, contracts, documents, transmittals] = await Promise.all([
    numbered<Tender>(
      "tender",
      bidding.map(({ number }) => number),
    ),
    lists<Bid>("bids", one(bidding.map(({ number }) => number))),
    deals(
      dealing.map(({ number }) => number),
      dealing.map((one) => projectOf.get(key(one.package)) ?? 0n),
    ),
    numbered<Document>("document", documentNumbers.flat()),
    numbered<Transmittal>("transmittal", transmittalNumbers.flat()),
  ]);
  const all = (pick: (deal: Deal) => { number: bigint }[]) =>
    contracts.flatMap(pick).map(({ number }) => number);
  const happened = await told({
    project: numbers,
    package: own,
    tender: tenders.map(({ number }) => number),
    contract: contracts.map(({ number }) => number),
    order: all((deal) => deal.orders),
    defect: all((deal) => deal.defects),
    inspection: all((deal) => deal.inspections),
    variation: all((deal) => deal.variations),
    notice: all((deal) => deal.notices),
    transmittal: transmittals.map(({ number }) => number),
  });
  return {
    projects,
    packages,
    tenders: tenders.map((tender, at) => ({
      ...tender,
      project: projectOf.get(key(tender.package)) ?? 0n,
      offers: offers[at] ?? [],
    })),
    deals: contracts,
    documents,
    transmittals,
    events: happened,
  };
}

/** The projects that somebody has a part in: as owner, in a contract, as a bidder, or by what was sent to them. */
export async function projectsWith(who: Hex): Promise<bigint[]> {
  const [own, contracts, tenders, transmittals] = await Promise.all(
    [KIND.Project, KIND.Contract, KIND.Tender, KIND.Transmittal].map((kind) => numbersBy(kind, who)),
  );
  const [dealing, bidding, sent] = await Promise.all([
    numbered<Contract>("contractOf", contracts ?? []),
    numbered<Tender>("tender", tenders ?? []),
    numbered<Transmittal>("transmittal", transmittals ?? []),
  ]);
  const packages = await packagesOf([
    ...dealing.map(({ offer }) => offer.package),
    ...bidding.map((tender) => tender.package),
  ]);
  const all = [
    ...(own ?? []),
    ...packages.map((one) => one.project),
    ...sent.map((transmittal) => transmittal.project),
  ];
  return [...new Set(all)].sort((a, b) => Number(b - a)).slice(0, PROJECTS_MAX);
}

/** All projects, the newest first. */
export async function everyProject(): Promise<bigint[]> {
  const total = Number(await laws<bigint>("count", [[KIND.Project]]).then(([total]) => total ?? 0n));
  return Array.from({ length: Math.min(total, PROJECTS_MAX) }, (_, at) => BigInt(total - at));
}

/** The transaction in which something was told; the newest, where it was told often. */
export function proof(
  book: Book,
  name: string,
  values: Record<string, string | bigint | number>,
): Hex | undefined {
  const wanted = Object.entries(values);
  const found = book.events.find(
    (event) =>
      event.name === name && wanted.every(([part, value]) => event.values.get(part) === String(value)),
  );
  return found?.transaction;
}

/** What a contractor applied for last: permille of each line. */
export function appliedFor(book: Book, deal: Deal): number[] | undefined {
  const event = book.events.find(
    (event) => event.name === "PaymentApplied" && event.values.get("contract_") === key(deal.number),
  );
  return event && listed(event, "done").map(Number);
}

/** The entries of a list that an event tells. */
export function listed(event: Event, name: string): string[] {
  const entries: string[] = [];
  for (let at = 0; event.values.has(`${name}.${at}`); at += 1) {
    entries.push(event.values.get(`${name}.${at}`) ?? "");
  }
  return entries;
}

export { every };
