/** What the ledger says of its members: who votes on what, and from which epoch what is decided holds. */
import { useQuery } from "@tanstack/react-query";
import { useSession } from "../../keys/session";
import type { Hex } from "../../ledger/api";
import { type Event, events } from "../../ledger/events";
import { view } from "../../ledger/modules";
import { every } from "../../ledger/views";
import { LOOK_MS, same } from "../../parts/steps";

export const KIND = {
  admission: 0,
  expulsion: 1,
  key: 2,
  endpoint: 3,
  account: 4,
  parameter: 5,
  upgrade: 6,
} as const;
export const STATE = { open: 0, accepted: 1, refused: 2, withdrawn: 3, expired: 4 } as const;
export const PARAMETER = { voteSeconds: 0, blockGas: 1 } as const;

/** As `IMembers` has them; so with what follows. */
export interface Organisation {
  number: bigint;
  name: string;
  publicKey: Hex;
  endpoint: string;
  account: Hex;
  since: bigint;
  fromEpoch: bigint;
  untilEpoch: bigint;
  stands: boolean;
}

export interface Seat {
  number: bigint;
  publicKey: Hex;
  endpoint: string;
  account: Hex;
}

export interface Proposal {
  id: bigint;
  kind: number;
  state: number;
  proposer: bigint;
  reason: string;
  proposedAt: bigint;
  proposedIn: bigint;
  expires: bigint;
  approvals: number;
  refusals: number;
  members: number;
  decidedAt: bigint;
  decidedIn: bigint;
  fromEpoch: bigint;
  member: bigint;
  name: string;
  publicKey: Hex;
  endpoint: string;
  account: Hex;
  parameter: number;
  value: bigint;
}

export interface Cast {
  member: bigint;
  approve: boolean;
  reason: string;
  castAt: bigint;
  castIn: bigint;
  counts: boolean;
}

export interface Upgrade {
  id: bigint;
  version: string;
  fromEpoch: bigint;
}

export interface Epochs {
  epoch: bigint;
  /** Blocks of each. */
  blocks: bigint;
  /** The last epoch about which nothing can change any more. */
  fixedUntil: bigint;
}

/** Everything that the pages of votes show. */
export interface Chamber {
  epochs: Epochs;
  /** Also those that left and those that are to come. */
  members: Organisation[];
  /** Of this epoch and those whose committee is fixed. */
  committees: { epoch: bigint; seats: Seat[]; voteSeconds: bigint; gas: bigint; version: string }[];
  /** Later committees that are decided: from which epoch, and of how many. */
  later: { fromEpoch: bigint; members: number }[];
  upgrades: Upgrade[];
  /** The newest first. */
  proposals: Proposal[];
  /** Votes that make a decision in this epoch. */
  quorum: number;
}

/** How many of so many members may fail or lie. */
export const faults = (members: number) => Math.max(0, Math.floor((members - 1) / 3));

/** The epoch from which something holds that is decided now. */
export const holdsFrom = (epochs: Epochs) => epochs.fixedUntil + 1n;

/** The first block of an epoch. */
export const firstBlock = (epochs: Epochs, epoch: bigint) => epoch * epochs.blocks;

async function chamber(): Promise<Chamber> {
  type Told = [bigint, bigint, bigint, { fromEpoch: bigint; members: number }[]];
  const [told, members, proposals, upgrades, quorum] = await Promise.all([
    view<Told>("members", "epochs"),
    every<Organisation>("members", "members"),
    every<Proposal>("members", "proposals"),
    every<Upgrade>("members", "upgrades"),
    view<number>("members", "quorum"),
  ]);
  const [epoch, blocks, fixedUntil, later] = told;
  const known = Array.from({ length: Number(fixedUntil - epoch) + 1 }, (_, at) => epoch + BigInt(at));
  const committees = await Promise.all(
    known.map(async (of) => {
      const [seats, voteSeconds, gas, version] = await Promise.all([
        view<Seat[]>("members", "committeeOf", of),
        view<bigint>("members", "parameterAt", PARAMETER.voteSeconds, of),
        view<bigint>("members", "gasLimitAt", of),
        view<string>("members", "versionAt", of),
      ]);
      return { epoch: of, seats, voteSeconds, gas, version };
    }),
  );
  proposals.reverse();
  return {
    epochs: { epoch, blocks, fixedUntil },
    members,
    committees,
    later: later.filter(({ fromEpoch }) => fromEpoch > fixedUntil),
    upgrades,
    proposals,
    quorum,
  };
}

export function useChamber() {
  return useQuery({
    queryKey: ["votes", "chamber"],
    queryFn: chamber,
    refetchInterval: LOOK_MS,
    // Bigints do not compare by JSON; what is asked for anew is drawn anew.
    structuralSharing: false,
  });
}

export interface Ballot {
  votes: Cast[];
  /** What was told of it: the proposal, each vote, the decision. */
  told: Event[];
}

export function useBallot(id: bigint) {
  return useQuery({
    queryKey: ["votes", "ballot", String(id)],
    queryFn: async (): Promise<Ballot> => {
      const number: Hex = `0x${id.toString(16)}`;
      const [votes, told] = await Promise.all([
        every<Cast>("members", "votesOn", id),
        events("members", ["Proposed", "Voted", "Decided", "Withdrawn"], number),
      ]);
      return { votes, told };
    },
    refetchInterval: LOOK_MS,
    structuralSharing: false,
  });
}

/** The transactions that brought proposals, by number. */
export function useProposed() {
  return useQuery({
    queryKey: ["votes", "proposed"],
    queryFn: async () => {
      const told = await events("members", ["Proposed"]);
      return new Map(told.map((event) => [event.values.get("id") ?? "", event.transaction]));
    },
    refetchInterval: LOOK_MS,
    structuralSharing: false,
  });
}

/** The member that the reader acts for in this epoch. */
export function useOwn(chamber: Chamber): Seat | undefined {
  const me = useSession()?.address;
  return me && chamber.committees[0]?.seats.find((seat) => same(seat.account, me));
}

export const nameOf = (chamber: Chamber, number: bigint) =>
  chamber.members.find((member) => member.number === number)?.name ?? "";
