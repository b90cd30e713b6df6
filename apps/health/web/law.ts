/** What the law of health says, asked through the node: its views, a page or a batch at a time. */
import type { Hex } from "@commonhold/web/ledger/api";
import { view } from "@commonhold/web/ledger/modules";
import { every as all, views } from "@commonhold/web/ledger/views";

export { ledgerTime } from "@commonhold/web/ledger/views";

export interface Slice {
  id: Hex;
  subject: Hex;
  class: number;
  sensitivity: number;
  registeredAt: bigint;
}

export interface Terms {
  purposes: number;
  classes: number;
  kind: number;
  recipient: Hex;
  notBefore: bigint;
  until: bigint;
}

export interface Modifier {
  code: number;
  value: Hex;
  time: bigint;
}

export interface Permit {
  terms: Terms;
  exceptions: readonly Terms[];
  dataUse: { permission: number; diseases: readonly number[]; modifiers: readonly Modifier[] };
  manner: number;
  vetoSeconds: number;
}

export interface Consent {
  version: bigint;
  setBy: Hex;
  setAt: bigint;
  endedAt: bigint;
  epoch: number;
  documentHash: Hex;
  permits: readonly Permit[];
}

export interface Request {
  number: bigint;
  requester: Hex;
  subject: Hex;
  study: bigint;
  purpose: number;
  classes: number;
  standing: number;
  asking: number;
  needing: number;
  approved: number;
  approvedBy: Hex;
  requestedAt: bigint;
  readyAt: bigint;
  until: bigint;
  uses: number;
  used: number;
  obligations: readonly { code: number; time: bigint }[];
  state: number;
  copies: number;
  destroyed: number;
  epoch: number;
  reason: Hex;
}

export interface Ask {
  study: bigint;
  purpose: number;
  classes: number;
  until: bigint;
  uses: number;
  reason: Hex;
}

export interface ClassDecision {
  class: number;
  verdict: number;
  manner: number;
  vetoSeconds: number;
  reasons: readonly number[];
  obligations: readonly { code: number; time: bigint }[];
}

export interface Study {
  number: bigint;
  investigator: Hex;
  board: bigint;
  versions: bigint;
  registeredAt: bigint;
  firstEnrolled: bigint;
  locked: bigint;
  unblinded: bigint;
  approvedVersion: bigint;
  approvedUntil: bigint;
  suspendedAt: bigint;
  reports: bigint;
  datasetHash: Hex;
  profile: {
    research: boolean;
    healthBiomedical: boolean;
    methodsDevelopment: boolean;
    populationAncestry: boolean;
    geneticStudy: boolean;
    clinicalCare: boolean;
    commercial: boolean;
    forProfit: boolean;
    willPublish: boolean;
    returnsResults: boolean;
    disease: number;
    country: Hex;
    institution: Hex;
  };
}

export interface Version {
  usdmHash: Hex;
  reason: Hex;
  time: bigint;
  endpoints: readonly { id: Hex; level: number; text: Hex; timePoint: Hex }[];
}

export interface Report {
  reportHash: Hex;
  time: bigint;
  version: bigint;
  verdict: number;
  findings: readonly { endpoint: Hex; what: number; declared: boolean }[];
}

export interface Board {
  number: bigint;
  founder: Hex;
  foundedAt: bigint;
  quorum: number;
  approvalSeconds: bigint;
  members: readonly Hex[];
}

export interface Ballot {
  number: bigint;
  study: bigint;
  version: bigint;
  board: bigint;
  openedAt: bigint;
  closes: bigint;
  approvals: number;
  rejections: number;
  conflicts: number;
  state: number;
  decidedAt: bigint;
}

export interface Case {
  number: bigint;
  clinician: Hex;
  second: Hex;
  subject: Hex;
  reasonCode: number;
  openedAt: bigint;
  confirmedAt: bigint;
  reviewDue: bigint;
  state: number;
  reviewer: Hex;
  slice: Hex;
  readerKey: Hex;
}

/** One view of the law. */
export function law<T>(functionName: string, ...args: unknown[]): Promise<T> {
  return view<T>("health", functionName, ...args);
}

/** The same view with many arguments, in few requests; throws where one fails. */
export function laws<T>(functionName: string, each: unknown[][], of = "health"): Promise<T[]> {
  return views<T>(of, functionName, each);
}

/** All of a list, of which the law tells so many from a number on. */
export function every<T>(functionName: string, of: Hex | bigint): Promise<T[]> {
  return all<T>("health", functionName, of);
}

/** Somebody under all addresses that are theirs: their own, and the pseudonyms that they took over. */
export async function subjectsOf(who: Hex): Promise<Hex[]> {
  const ever = await every<Hex>("pseudonymsOf", who);
  const now = await laws<Pseudonym>(
    "pseudonym",
    ever.map((subject) => [subject]),
  );
  const held = ever.filter((_, at) => now[at]?.holder.toLowerCase() === who.toLowerCase());
  return [who, ...held];
}

export interface Pseudonym {
  custodian: Hex;
  offeredTo: Hex;
  offeredAt: bigint;
  holder: Hex;
  takenAt: bigint;
}

export async function slicesOf(subject: Hex): Promise<Slice[]> {
  const ids = await every<Hex>("slicesOf", subject);
  return laws<Slice>(
    "slice",
    ids.map((id) => [id]),
  );
}

export const requests = (numbers: bigint[]) =>
  laws<Request>(
    "requestOf",
    numbers.map((number) => [number]),
  );

export async function requestsTo(subject: Hex): Promise<Request[]> {
  return requests(await every<bigint>("requestsTo", subject));
}

export async function requestsBy(requester: Hex): Promise<Request[]> {
  return requests(await every<bigint>("requestsBy", requester));
}

export async function casesOf(subject: Hex): Promise<Case[]> {
  const numbers = await every<bigint>("emergenciesOf", subject);
  return laws<Case>(
    "emergency",
    numbers.map((number) => [number]),
  );
}

export interface Counts {
  requests: number;
  studies: number;
  boards: number;
  ballots: number;
  emergencies: number;
}

export async function counts(): Promise<Counts> {
  const [requests, studies, boards, ballots, emergencies] = (await law<bigint[]>("counts")).map(Number);
  return {
    requests: requests ?? 0,
    studies: studies ?? 0,
    boards: boards ?? 0,
    ballots: ballots ?? 0,
    emergencies: emergencies ?? 0,
  };
}

/** Entries that are numbered from 1, the newest first. */
export function newest<T>(functionName: string, total: number, page: number, size: number): Promise<T[]> {
  const end = Math.max(0, total - page * size);
  const numbers = Array.from({ length: Math.min(size, end) }, (_, at) => [BigInt(end - at)]);
  return laws<T>(functionName, numbers);
}
