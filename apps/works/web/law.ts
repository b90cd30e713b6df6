/** What the law of works says, asked through the node: its views, a page or a batch at a time. */
import type { Hex } from "@commonhold/web/ledger/api";
import { view } from "@commonhold/web/ledger/modules";
import { every as all, views } from "@commonhold/web/ledger/views";

/** What something is, by the ledger's numbers. */
export const KIND = {
  Project: 0,
  Package: 1,
  Tender: 2,
  Contract: 3,
  Milestone: 4,
  Order: 5,
  Evidence: 6,
  Defect: 7,
  Inspection: 8,
  Variation: 9,
  Certificate: 10,
  Document: 11,
  Transmittal: 12,
  Notice: 13,
  Fact: 14,
  Appeal: 15,
} as const;

export const CONTRACT = { offered: 0, running: 1, completed: 2, closed: 3 } as const;
export const MILESTONE = { open: 0, claimed: 1, objected: 2, certified: 3, refused: 4 } as const;
export const VERDICT = { incomplete: 0, accept: 1, review: 2, reject: 3 } as const;
export const RULE = { pass: 0, marginal: 1, insufficient: 2, fail: 3 } as const;
export const ANSWER = { none: 0, yes: 1, no: 2 } as const;
export const PART = { executor: 0, owner: 1, supervisor: 2 } as const;
export const FACT = { stated: 0, appealed: 1, upheld: 2, amended: 3, overturned: 4 } as const;
/** Who signs, as bits. */
export const OWNER = 1;
export const CERTIFIER = 2;
export const CONTRACTOR = 4;

export interface Party {
  account: Hex;
  group: Hex;
  until: bigint;
  enrolledAt: bigint;
  member: boolean;
}

export interface Project {
  number: bigint;
  owner: Hex;
  openedAt: bigint;
  title: string;
}

export interface Package {
  number: bigint;
  project: bigint;
  tender: bigint;
  contract: bigint;
  title: string;
}

export interface Tender {
  number: bigint;
  package: bigint;
  documents: Hex;
  openedAt: bigint;
  deadline: bigint;
  openingUntil: bigint;
  bids: bigint;
  opened: bigint;
  awarded: Hex;
  reason: Hex;
}

export interface Bid {
  bidder: Hex;
  madeAt: bigint;
  commitment: Hex;
  sealedHash: Hex;
  opened: boolean;
  content: Hex;
}

export interface Clocks {
  noticeBarDays: number;
  detailDays: number;
  replyDays: number;
  quotationDays: number;
  certificateDays: number;
  paymentDays: number;
  silence: number;
}

export interface Terms {
  retention: number;
  retentionCap: number;
  releaseAtCompletion: number;
  damagesPerDay: bigint;
  damagesCap: number;
  advance: number;
  advanceRecovery: number;
  dueAt: bigint;
  objectionSeconds: number;
  defectsDays: number;
  deemedDays: number;
  unitsPerMinor: bigint;
  profile: number;
  clocks: Clocks;
}

export interface Contract {
  number: bigint;
  offer: {
    package: bigint;
    tender: bigint;
    contractor: Hex;
    certifier: Hex;
    documents: Hex;
    ruleset: Hex;
    terms: Terms;
  };
  owner: Hex;
  state: number;
  formedAt: bigint;
  acceptedAt: bigint;
  completedAt: bigint;
  sum: bigint;
  added: bigint;
  omitted: bigint;
  extensionDays: number;
  lines: bigint;
  milestones: bigint;
  certified: bigint;
  openDefects: number;
  appliedAt: bigint;
  certificates: bigint;
  paid: bigint;
  paidMinor: bigint;
  escrow: Hex;
}

export interface Line {
  quantity: bigint;
  rate: bigint;
  milestone: number;
  done: number;
}

export interface Milestone {
  offer: { title: Hex; dueAt: bigint; plannedDays: number; tested: boolean; signers: number };
  state: number;
  signed: number;
  orders: number;
  accepted: number;
  graveDefects: number;
  claimedAt: bigint;
  certifiedAt: bigint;
  objector: number;
  reason: Hex;
}

/** Of a radio site: as it is to be, in hundredths of a degree and of a dBm, and millimetres. */
export interface Sector {
  name: Hex;
  azimuth: bigint;
  tilt: bigint;
  heightMm: bigint;
  power: bigint;
}

/** Fibres, or sectors of a radio site. */
export interface Design {
  cable: Hex;
  fibres: readonly Hex[];
  sectors: readonly Sector[];
  bandFromHz: bigint;
  bandToHz: bigint;
  wavelengths: readonly number[];
  bidirectional: boolean;
  lengthMm: bigint;
  splices: number;
  connectors: number;
  windowFrom: bigint;
  windowTo: bigint;
  instruments: readonly { device: Hex; serial: Hex }[];
}

export interface Order {
  number: bigint;
  contract_: bigint;
  milestone: number;
  issuer: Hex;
  issuedAt: bigint;
  design: Design;
  accepted: number;
  first: number;
  doneAt: bigint;
}

export interface Fibre {
  name: Hex;
  order: bigint;
  attempt: number;
  nonce: Hex;
  verdict: number;
  judgedAt: bigint;
  reviewUntil: bigint;
  files: number;
}

export interface Outcome {
  rule: Hex;
  wavelength: number;
  measured: boolean;
  value: bigint;
  limit: bigint;
  unit: Hex;
  margin: bigint;
  status: number;
}

export interface Evidence {
  number: bigint;
  order: bigint;
  fibre: Hex;
  nonce: Hex;
  slot: number;
  device: Hex;
  time: bigint;
  by: Hex;
  at: bigint;
  file: Hex;
  samples: Hex;
  findings: number;
  weight: number;
  original: bigint;
}

export interface Defect {
  number: bigint;
  contract_: bigint;
  milestone: number;
  category: number;
  raisedBy: Hex;
  raisedAt: bigint;
  allowedDays: number;
  fixedAt: bigint;
  closedAt: bigint;
  what: Hex;
  reason: Hex;
}

export interface Inspection {
  number: bigint;
  contract_: bigint;
  milestone: number;
  askedAt: bigint;
  dueAt: bigint;
  doneAt: bigint;
  passed: number;
  report: Hex;
}

export interface Variation {
  number: bigint;
  contract_: bigint;
  by: Hex;
  at: bigint;
  quantity: bigint;
  rate: bigint;
  omits: boolean;
  extensionDays: number;
  what: Hex;
  answer: number;
  answeredAt: bigint;
  reason: Hex;
}

export interface Certificate {
  grossWork: bigint;
  variations: bigint;
  retention: bigint;
  advancePaid: bigint;
  advanceRecovered: bigint;
  damages: bigint;
  net: bigint;
  payment: bigint;
  certifiedAt: bigint;
  dueAt: bigint;
  paidAt: bigint;
  reason: Hex;
}

export interface Share {
  subcontractor: Hex;
  permille: number;
  agreed: boolean;
}

export interface Revision {
  revision: Hex;
  status: Hex;
  content: Hex;
  record: Hex;
  by: Hex;
  at: bigint;
}

export interface Document {
  number: bigint;
  project: bigint;
  container: Record<"project" | "originator" | "volume" | "level" | "kind" | "role" | "number", Hex>;
  owner: Hex;
  revisions: bigint;
  latest: Revision;
}

export interface Transmittal {
  number: bigint;
  project: bigint;
  by: Hex;
  at: bigint;
  reason: Hex;
  sheets: readonly { document: bigint; revision: bigint }[];
  receipts: readonly { recipient: Hex; acknowledgedAt: bigint; receivedAt: bigint }[];
}

export interface Notice {
  number: bigint;
  contract_: bigint;
  kind: number;
  from: Hex;
  to: Hex;
  at: bigint;
  aware: bigint;
  about: bigint;
  content: Hex;
  acknowledgedAt: bigint;
  receivedAt: bigint;
  replyDue: bigint;
  answer: number;
  answeredAt: bigint;
  answerContent: Hex;
  silence: number;
}

export interface Fact {
  number: bigint;
  part: number;
  dimension: number;
  outcome: number;
  value: bigint;
  verification: number;
  time: bigint;
  counterparty: Hex;
  group: Hex;
  source: number;
  item: bigint;
  state: number;
}

export interface Score {
  score: bigint;
  micro: bigint;
  coverage: bigint;
  counterparties: bigint;
  grade: Hex;
  afterFlags: bigint;
  ifLost: bigint;
  ifWon: bigint;
  pending: bigint;
  means: readonly bigint[];
}

export interface Appeal {
  number: bigint;
  subject: Hex;
  fact: bigint;
  at: bigint;
  grounds: Hex;
  votes: readonly number[];
  state: number;
  decidedAt: bigint;
}

/** One view of the law. */
export function law<T>(functionName: string, ...args: unknown[]): Promise<T> {
  return view<T>("works", functionName, ...args);
}

/** The same view with many arguments, in few requests; throws where one fails. */
export function laws<T>(functionName: string, each: unknown[][]): Promise<T[]> {
  return views<T>("works", functionName, each);
}

/** All of a list, of which the law tells so many from a number on. */
export function every<T>(functionName: string, ...about: unknown[]): Promise<T[]> {
  return all<T>("works", functionName, ...about);
}

/** Entries of one page of a list. */
const PAGE = 100n;

/** A list of each of these, in few requests; what is longer than a page is asked for by itself. */
export async function lists<T>(functionName: string, abouts: unknown[][]): Promise<T[][]> {
  const pages = await laws<[T[], bigint]>(
    functionName,
    abouts.map((about) => [...about, 0n, PAGE]),
  );
  return Promise.all(
    pages.map(([page, total], at) =>
      total > PAGE ? every<T>(functionName, ...(abouts[at] ?? [])) : Promise.resolve(page),
    ),
  );
}

/** Numbers of things of a kind that somebody has a part in. */
export const numbersBy = (kind: number, who: Hex) => every<bigint>("numbersBy", kind, who);

/** Numbered things, each with its number. */
export async function numbered<T>(functionName: string, numbers: readonly bigint[]): Promise<T[]> {
  const found = await laws<T>(
    functionName,
    numbers.map((number) => [number]),
  );
  return found.map((one, at) => ({ ...one, number: numbers[at] ?? 0n }));
}

export async function projects(numbers: readonly bigint[]): Promise<Project[]> {
  const found = await laws<[Hex, bigint, string]>(
    "project",
    numbers.map((number) => [number]),
  );
  return found.map(([owner, openedAt, title], at) => ({ number: numbers[at] ?? 0n, owner, openedAt, title }));
}

export async function packages(numbers: readonly bigint[]): Promise<Package[]> {
  const found = await laws<[bigint, bigint, bigint, string]>(
    "package",
    numbers.map((number) => [number]),
  );
  return found.map(([project, tender, contract, title], at) => ({
    number: numbers[at] ?? 0n,
    project,
    tender,
    contract,
    title,
  }));
}

export const count = async (kind: number) => Number(await law<bigint>("count", kind));
