/** What happened, in words: one entry for each event, of all by all, the newest first. */
import type { Hex } from "@commonhold/web/ledger/api";
import type { Event } from "@commonhold/web/ledger/events";
import { plain } from "@commonhold/web/text/safe";
import type { Book, Deal } from "./book";
import { FACT, KIND, MILESTONE, VERDICT } from "./law";
import { strings } from "./strings";
import { container, money, permille, signers, stepTitle, text } from "./words";

const t = strings.timeline;

export type Sort = keyof typeof t.sorts;
export const SORTS = Object.keys(t.sorts) as Sort[];

export interface Entry {
  key: string;
  timeMs: number;
  sort: Sort;
  what: string;
  /** More about it. */
  about: string;
  tone: "good" | "bad" | "wait" | "plain";
  /** Where more is said. */
  to: string | undefined;
  project: bigint | undefined;
  contract: bigint | undefined;
  block: number;
  transaction: Hex;
}

/** Whose each numbered thing is. */
interface Owners {
  deals: Map<string, Deal>;
  orders: Map<string, Deal>;
  things: Map<string, Deal>;
  tenders: Map<string, bigint>;
  packages: Map<string, bigint>;
  transmittals: Map<string, bigint>;
  documents: Map<string, string>;
}

function owners(book: Book): Owners {
  const things = new Map<string, Deal>();
  for (const deal of book.deals) {
    for (const one of deal.defects) things.set(`defect ${one.number}`, deal);
    for (const one of deal.inspections) things.set(`inspection ${one.number}`, deal);
    for (const one of deal.variations) things.set(`variation ${one.number}`, deal);
    for (const one of deal.notices) things.set(`notice ${one.number}`, deal);
  }
  return {
    deals: new Map(book.deals.map((deal) => [String(deal.number), deal])),
    orders: new Map(
      book.deals.flatMap((deal) => deal.orders.map((order): [string, Deal] => [String(order.number), deal])),
    ),
    things,
    tenders: new Map(book.tenders.map((one) => [String(one.number), one.project])),
    packages: new Map(book.packages.map((one) => [String(one.number), one.project])),
    transmittals: new Map(book.transmittals.map((one) => [String(one.number), one.project])),
    documents: new Map(book.documents.map((one) => [String(one.number), container(one)])),
  };
}

type Said = Pick<Entry, "sort" | "what"> & Partial<Pick<Entry, "about" | "tone" | "to">>;

/** The contract that an event is of, where it is of one. */
function dealOf(event: Event, of: Owners): Deal | undefined {
  const value = (name: string) => event.values.get(name) ?? "";
  if (event.values.has("contract_")) return of.deals.get(value("contract_"));
  if (event.values.has("order")) return of.orders.get(value("order"));
  const number = value("number");
  switch (event.name) {
    case "ContractOffered":
    case "ContractAccepted":
    case "SubcontractorNamed":
    case "Funded":
    case "ContractCompleted":
      return of.deals.get(number);
    case "OrderDone":
      return of.orders.get(number);
    case "DefectFixed":
    case "DefectAnswered":
      return of.things.get(`defect ${number}`);
    case "Inspected":
      return of.things.get(`inspection ${number}`);
    case "VariationAnswered":
      return of.things.get(`variation ${number}`);
    case "NoticeAcknowledged":
    case "NoticeAnswered":
    case "NoticeLapsed":
      return of.things.get(`notice ${number}`);
    case "FactStated":
      return sourceOf(Number(value("source")), value("item"), of);
    default:
      return undefined;
  }
}

/** The contract that a fact comes of. */
function sourceOf(source: number, item: string, of: Owners): Deal | undefined {
  const names: Record<number, string> = {
    [KIND.Defect]: "defect",
    [KIND.Inspection]: "inspection",
    [KIND.Variation]: "variation",
    [KIND.Notice]: "notice",
  };
  if (source === KIND.Contract) return of.deals.get(item);
  if (source === KIND.Order) return of.orders.get(item);
  return of.things.get(`${names[source]} ${item}`);
}

/** Where more is said of something of a project. */
function place(sort: Sort, project: bigint | undefined): string | undefined {
  if (project === undefined) return undefined;
  const show: Partial<Record<Sort, string>> = {
    contract: "contracts",
    milestone: "contracts",
    site: "site",
    document: "documents",
    notice: "notices",
  };
  return show[sort] ? `/works/projects/${project}?show=${show[sort]}` : `/works/projects/${project}`;
}

/** The project of an event that is of no contract. */
function projectOf(event: Event, of: Owners): bigint | undefined {
  const value = (name: string) => event.values.get(name) ?? "";
  if (event.name === "ProjectOpened") return BigInt(value("number"));
  if (event.values.has("project")) return BigInt(value("project"));
  if (event.values.has("package")) return of.packages.get(value("package"));
  if (event.values.has("tender")) return of.tenders.get(value("tender"));
  return event.name === "Acknowledged" ? of.transmittals.get(value("number")) : undefined;
}

function said(event: Event, deal: Deal | undefined, of: Owners): Said {
  const value = (name: string) => event.values.get(name) ?? "";
  const number = value("number");
  const w = t.words;
  const isYes = (name: string) => value(name) === "true";
  const step = () => stepTitle(deal, Number(value("milestone")));
  const fibre = () => `/works/fibre/${value("order")}/${encodeURIComponent(text(value("fibre")))}`;
  const payments = `/works/payments/${value("contract_") || number}`;
  switch (event.name) {
    case "PartyEnrolled":
      return { sort: "party", what: w.PartyEnrolled };
    case "ProjectOpened":
      return { sort: "contract", what: w.ProjectOpened, about: plain(value("title"), 96) };
    case "PackageAdded":
      return { sort: "contract", what: w.PackageAdded, about: plain(value("title"), 96) };
    case "TenderOpened":
      return { sort: "tender", what: w.TenderOpened, about: t.tender(number), to: `/works/bids/${number}` };
    case "BidMade":
    case "BidOpened":
    case "TenderAwarded":
      return {
        sort: "tender",
        what: w[event.name],
        about: t.tender(value("tender")),
        to: `/works/bids/${value("tender")}`,
        tone: event.name === "TenderAwarded" ? "good" : "plain",
      };
    case "RulesetRegistered":
      return { sort: "contract", what: w.RulesetRegistered };
    case "ContractOffered":
      return { sort: "contract", what: w.ContractOffered, about: t.contract(number), tone: "wait" };
    case "ContractAccepted":
      return {
        sort: "contract",
        what: w.ContractAccepted,
        about: t.over(t.contract(number), money(BigInt(value("sum") || 0))),
        tone: "good",
      };
    case "SubcontractorNamed":
      return {
        sort: "contract",
        what: isYes("agreed") ? w.shareAgreed : w.shareOffered,
        about: t.share(permille(Number(value("permille")))),
      };
    case "Funded":
      return { sort: "payment", what: w.Funded, about: t.contract(number), to: payments };
    case "OrderIssued":
      return {
        sort: "evidence",
        what: w.OrderIssued,
        about: t.order(number, Number(value("fibres"))),
        to: `/works/fibre/${number}`,
      };
    case "EvidenceTaken": {
      const weight = Number(value("weight"));
      return {
        sort: "evidence",
        what: w.evidence[weight] ?? w.EvidenceTaken,
        about: t.fibre(text(value("fibre")), value("order")),
        tone: weight === 0 ? "plain" : weight === 1 ? "wait" : "bad",
        to: fibre(),
      };
    }
    case "RuleApplied":
      return {
        sort: "rule",
        what: w.RuleApplied,
        about: `${text(value("outcome.rule"))}, ${t.fibre(text(value("fibre")), value("order"))}`,
        tone: value("outcome.status") === "3" ? "bad" : "plain",
        to: fibre(),
      };
    case "FibreJudged": {
      const verdict = Number(value("verdict"));
      return {
        sort: "evidence",
        what: w.judged[verdict] ?? w.FibreJudged,
        about: t.fibre(text(value("fibre")), value("order")),
        tone: verdict === VERDICT.accept ? "good" : verdict === VERDICT.reject ? "bad" : "wait",
        to: fibre(),
      };
    }
    case "OrderDone":
      return {
        sort: "evidence",
        what: w.OrderDone,
        about: t.first(number, Number(value("first")), Number(value("fibres"))),
        tone: "good",
        to: `/works/fibre/${number}`,
      };
    case "MilestoneMoved": {
      const state = Number(value("state"));
      return {
        sort: "milestone",
        what: w.moved[state] ?? w.MilestoneMoved,
        about: step(),
        tone: state === MILESTONE.certified ? "good" : state === MILESTONE.claimed ? "wait" : "bad",
      };
    }
    case "Signed":
      return { sort: "milestone", what: w.Signed, about: `${step()}: ${signers(Number(value("role")))}` };
    case "ContractCompleted":
      return { sort: "contract", what: w.ContractCompleted, about: t.contract(number), tone: "good" };
    case "InspectionAsked":
      return {
        sort: "site",
        what: w.InspectionAsked,
        about: `${t.inspection(number)}: ${step()}`,
        tone: "wait",
      };
    case "Inspected":
      return {
        sort: "site",
        what: isYes("passed") ? w.passed : w.notPassed,
        about: t.inspection(number),
        tone: isYes("passed") ? "good" : "bad",
      };
    case "DefectRaised":
      return {
        sort: "site",
        what: w.DefectRaised,
        about: `${t.defect(number)}: ${strings.categories[Number(value("category"))] ?? ""}`,
        tone: "bad",
      };
    case "DefectFixed":
      return { sort: "site", what: w.DefectFixed, about: t.defect(number), tone: "wait" };
    case "DefectAnswered":
      return {
        sort: "site",
        what: isYes("closed") ? w.defectClosed : w.defectOpen,
        about: t.defect(number),
        tone: isYes("closed") ? "good" : "bad",
      };
    case "VariationProposed":
      return { sort: "contract", what: w.VariationProposed, about: t.variation(number), tone: "wait" };
    case "VariationAnswered":
      return {
        sort: "contract",
        what: isYes("accepted") ? w.variationAgreed : w.variationRefused,
        about: t.variation(number),
        tone: isYes("accepted") ? "good" : "bad",
      };
    case "PaymentApplied":
      return { sort: "payment", what: w.PaymentApplied, about: t.contract(value("contract_")), to: payments };
    case "PaymentCertified":
      return {
        sort: "payment",
        what: w.PaymentCertified,
        about: t.over(t.certificate(number), money(BigInt(value("payment") || 0))),
        tone: "good",
        to: payments,
      };
    case "Paid":
      return {
        sort: "payment",
        what: w.Paid,
        about: t.over(t.certificate(number), money(BigInt(value("minor") || 0))),
        tone: "good",
        to: payments,
      };
    case "Refunded":
      return { sort: "payment", what: w.Refunded, about: t.contract(value("contract_")), to: payments };
    case "DocumentRevised":
      return {
        sort: "document",
        what: w.DocumentRevised,
        about: `${of.documents.get(number) ?? t.document(number)} ${text(value("revision"))} ${text(value("status"))}`,
      };
    case "Transmitted":
      return {
        sort: "document",
        what: w.Transmitted,
        about: `${t.transmittal(number)}: ${text(value("reason"))}`,
      };
    case "Acknowledged":
      return { sort: "document", what: w.Acknowledged, about: t.transmittal(number) };
    case "NoticeGiven":
      return {
        sort: "notice",
        what: strings.noticeKinds[Number(value("kind"))] ?? w.NoticeGiven,
        about: t.notice(number),
        tone: "wait",
      };
    case "NoticeAcknowledged":
      return { sort: "notice", what: w.NoticeAcknowledged, about: t.notice(number) };
    case "NoticeAnswered":
      return {
        sort: "notice",
        what: isYes("accepted") ? w.noticeYes : w.noticeNo,
        about: t.notice(number),
        tone: isYes("accepted") ? "good" : "bad",
      };
    case "NoticeLapsed":
      return {
        sort: "notice",
        what: w.NoticeLapsed,
        about: `${t.notice(number)}: ${strings.silences[Number(value("silence"))] ?? ""}`,
        tone: "bad",
      };
    case "DiaryWritten":
      return { sort: "site", what: w.DiaryWritten, about: t.contract(value("contract_")) };
    case "FactStated": {
      const part = Number(value("part"));
      const names = strings.dimensions[part] ?? [];
      return {
        sort: "credit",
        what: w.FactStated,
        about: `${strings.parts[part] ?? ""}: ${names[Number(value("dimension"))]?.name ?? ""}`,
        to: `/works/credit/${value("subject")}?as=${part}`,
      };
    }
    case "Appealed":
      return { sort: "credit", what: w.Appealed, about: t.fact(value("fact")), tone: "wait" };
    case "AppealDecided":
      return {
        sort: "credit",
        what: w.AppealDecided,
        about: strings.factStates[Number(value("state"))] ?? "",
        tone: Number(value("state")) === FACT.upheld ? "plain" : "good",
      };
    case "CreditSettled":
      return { sort: "credit", what: w.CreditSettled, to: `/works/credit/${value("party")}` };
    case "ForgeryStated":
      return { sort: "credit", what: w.ForgeryStated, tone: "bad" };
    default:
      return { sort: "contract", what: plain(event.name, 60) };
  }
}

/** Entries of events, in the order of the events; each event once. */
export function entries(events: readonly Event[], book: Book): Entry[] {
  const of = owners(book);
  const seen = new Set<string>();
  return events.flatMap((event): Entry[] => {
    const key = `${event.block}-${event.index}`;
    if (seen.has(key)) return [];
    seen.add(key);
    const deal = dealOf(event, of);
    const found = said(event, deal, of);
    const project = deal?.project ?? projectOf(event, of);
    return [
      {
        key,
        timeMs: event.timeMs,
        sort: found.sort,
        what: found.what,
        about: found.about ?? "",
        tone: found.tone ?? "plain",
        to: found.to ?? place(found.sort, project),
        project,
        contract: deal?.number,
        block: event.block,
        transaction: event.transaction,
      },
    ];
  });
}

/** Several lists of events as one: the newest first, each once. */
export function merged(...lists: readonly Event[][]): Event[] {
  const byPlace = new Map(lists.flat().map((event) => [`${event.block}-${event.index}`, event]));
  return [...byPlace.values()].sort((a, b) => b.block - a.block || b.index - a.index);
}

/** Entries that have all of these words, wherever. */
export function search<T extends Entry & { who?: string | undefined }>(
  all: readonly T[],
  query: string,
): T[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...all];
  return all.filter((entry) => {
    const text = `${entry.what} ${entry.about} ${t.sorts[entry.sort]} ${entry.transaction} ${entry.who ?? ""}`;
    return words.every((word) => text.toLowerCase().includes(word));
  });
}
