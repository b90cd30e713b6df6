/** A slot recomputed from what meters said and members had set, and held against what the ledger says of it. */
import { batch, type Hex } from "@commonhold/web/ledger/api";
import { module } from "@commonhold/web/ledger/modules";
import { decodeFunctionData, decodeFunctionResult, encodeFunctionData, hexToBytes, keccak256 } from "viem";
import { events } from "./events";
import { type SlotTold, seatAt, slots, takesPart } from "./gathering";
import { law, SETTLED, type Slot } from "./law";
import { isOf, parse, verify } from "./market/signed";
import { slotKey } from "./market/slot";
import { slotAgain } from "./replaying";
import type { Place } from "./shared";

interface Read {
  index: number;
  net: bigint;
  version: number;
  quality: number;
  /** Names the signed bytes. */
  digest: Hex;
}

/** A reading that counted in a slot, and the transaction that brought it. */
export interface Reading extends Read {
  transaction: Hex;
  /** Whether the place's own meter signed that it measured this in this slot. */
  isSigned: boolean;
}

/** What one home's slot came to, as the ledger says and as it follows. */
export interface ProofLine {
  index: number;
  household: Hex | undefined;
  net: bigint;
  version: number;
  quality: number;
  reading: Hex | undefined;
  transaction: Hex | undefined;
  /** The limit that it ordered at: told, and set before. */
  limit: [bigint | undefined, bigint | undefined];
  /** What of it went by the community. */
  fill: [bigint, bigint];
  /** From its account, and with its supplier. */
  prepaid: [bigint, bigint];
  statement: [bigint, bigint];
  agrees: boolean;
}

/** Something that is compared once for the whole slot. */
export interface Check {
  what:
    | "readings"
    | "signed"
    | "limits"
    | "key"
    | "price"
    | "bounds"
    | "volume"
    | "shares"
    | "greatest"
    | "money"
    | "sum";
  told: string;
  found: string;
  agrees: boolean;
}

export interface Proved {
  state: number;
  told: SlotTold;
  mode: number;
  lines: ProofLine[];
  checks: Check[];
  agrees: boolean;
}

/** The signed bytes that these transactions brought, by their digests. */
async function envelopes(transactions: Hex[]): Promise<Map<Hex, Hex>> {
  const { abi } = await module("energy");
  const sent = await batch(
    transactions.map((hash) => ({ method: "eth_getTransactionByHash", params: [hash] })),
  );
  const brought = (sent as ({ input: Hex } | null | undefined)[]).flatMap((transaction): Hex[] => {
    try {
      const { functionName, args = [] } = decodeFunctionData({ abi, data: transaction?.input ?? "0x" });
      if (functionName === "report") return args[2] as Hex[];
      return functionName === "correct" ? [args[2] as Hex] : [];
    } catch {
      // Another contract may have brought them: its call is not read here.
      return [];
    }
  });
  return new Map(brought.map((bytes) => [keccak256(bytes), bytes]));
}

interface Device {
  id: Hex;
  algorithm: number;
  key: Hex;
}

/** What signed bytes say, where the meter itself or its gateway signed them. */
export function isSigned(
  bytes: Hex | undefined,
  { net, version }: Pick<Read, "net" | "version">,
  meter: Hex | undefined,
  { slot, seconds }: { slot: bigint; seconds: number },
  keys: ReadonlyMap<Hex, Device>,
): boolean {
  if (!bytes || !meter) return false;
  try {
    const signed = parse(hexToBytes(bytes));
    const device = keys.get(signed.device);
    const says = signed.net === net && signed.version === version && isOf(signed, slot, seconds);
    const its = signed.subject.toLowerCase() === meter.toLowerCase();
    return says && its && device !== undefined && verify(signed, device.algorithm, device.key);
  } catch {
    return false;
  }
}

/** Transactions and devices that are asked for in one request. */
const AT_ONCE = 100;

async function keysOf(all: Iterable<Hex>): Promise<Map<Hex, Device>> {
  const signers = new Set<Hex>();
  for (const bytes of all) {
    try {
      signers.add(parse(hexToBytes(bytes)).device);
    } catch {
      // It is said of the reading that it is not signed.
    }
  }
  const { abi, address: to } = await module("devices");
  const found = new Map<Hex, Device>();
  const ids = [...signers];
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    const some = ids.slice(from, from + AT_ONCE);
    const data = (id: Hex) => encodeFunctionData({ abi, functionName: "device", args: [id] });
    const answers = await batch(
      some.map((id) => ({ method: "eth_call", params: [{ to, data: data(id) }, "latest"] })),
    );
    for (const [at, id] of some.entries()) {
      const answer = answers[at] as Hex | undefined;
      if (!answer) continue;
      found.set(id, decodeFunctionResult({ abi, functionName: "device", data: answer }) as Device);
    }
  }
  return found;
}

/** The last reading of each place before the slot was cleared. */
export async function readings(place: Place, before: SlotTold): Promise<Reading[]> {
  const { number, history } = place;
  const { slot } = before;
  const told = await events<Read>("Read", number, slot);
  const cleared = await events<unknown>("Cleared", number, slot);
  const end = cleared.find((one) => one.transaction === before.transaction);
  const last = new Map<number, Read & { transaction: Hex }>();
  for (const { values, transaction, block, index } of told) {
    if (end && (block > end.block || (block === end.block && index > end.index))) continue;
    last.set(values.index, { ...values, transaction });
  }
  const all = [...last.values()].sort((a, b) => a.index - b.index);
  const transactions = [...new Set(all.map((reading) => reading.transaction))];
  const brought = new Map<Hex, Hex>();
  for (let from = 0; from < transactions.length; from += AT_ONCE) {
    const some = await envelopes(transactions.slice(from, from + AT_ONCE));
    for (const [digest, bytes] of some) brought.set(digest, bytes);
  }
  const wanted = all.flatMap((reading) => brought.get(reading.digest) ?? []);
  const keys = await keysOf(wanted);
  return all.map((reading) => {
    const meter = seatAt(history, reading.index, slot)?.meter;
    const bytes = brought.get(reading.digest);
    return { ...reading, isSigned: isSigned(bytes, reading, meter, before, keys) };
  });
}

const text = (value: bigint | undefined) => (value === undefined ? "–" : String(value));

/** `undefined` where the slot is not cleared. */
export async function prove(place: Place, slot: bigint): Promise<Proved | undefined> {
  const window = { from: Number(slot), to: Number(slot) + 1 };
  const [found, said] = await Promise.all([
    slots(place.number, place.history, window, undefined),
    law<Slot>("slotOf", place.number, slot),
  ]);
  const told = found.find((one) => one.slot === slot);
  if (!told) return undefined;
  return compare(place, told, said, await readings(place, told));
}

/** What follows from the readings, beside what was told. Pure: the test changes what was told. */
export function compare(
  place: Pick<Place, "number" | "community" | "history">,
  told: SlotTold,
  said: Slot,
  read: readonly Reading[],
): Proved | undefined {
  const { history, number } = place;
  const { slot } = told;
  const again = slotAgain(place, slot, read);
  if (!again) return undefined;
  const { dealt, wishes } = again;
  const settled = new Map(told.lines.map((line) => [line.index, line]));
  const set = new Map(wishes.map((wish) => [wish.index, wish.limit]));
  const rows = new Map(again.rows.map((row) => [row.index, row]));
  const isSettled = said.state === SETTLED;
  const lines = read.map((reading): ProofLine => {
    const { index } = reading;
    const line = settled.get(index);
    const row = rows.get(index);
    const [grid, all] = [row?.line.grid ?? 0n, row?.line.household ?? 0n];
    const limit: ProofLine["limit"] = [line?.ordered ? line.limit : undefined, set.get(index)];
    const fill: ProofLine["fill"] = [line?.local ?? 0n, dealt.fills.get(index) ?? 0n];
    const prepaid: ProofLine["prepaid"] = [line?.prepaid ?? 0n, all - grid];
    const statement: ProofLine["statement"] = [line?.statement ?? 0n, grid];
    const same = [limit, fill, prepaid, statement].every(([one, other]) => one === other);
    return {
      ...reading,
      household: seatAt(history, index, slot)?.household,
      reading: reading.transaction,
      transaction: line?.transaction,
      limit,
      fill,
      prepaid,
      statement,
      agrees: reading.isSigned && line !== undefined && line.net === reading.net && row !== undefined && same,
    };
  });
  const check = (what: Check["what"], one: string, other: string, agrees = one === other): Check => ({
    what,
    told: one,
    found: other,
    agrees,
  });
  const total = (of: (line: ProofLine) => bigint) => lines.reduce((sum, line) => sum + of(line), 0n);
  const price = told.traded ? told.price : undefined;
  const bounds = (low: bigint, high: bigint) => `${low} to ${high}`;
  const count = (of: (line: ProofLine) => boolean) => String(lines.filter(of).length);
  const nets = lines.filter((line) => settled.get(line.index)?.net === line.net).length;
  // What households pay and get, fees and suppliers' legs: all of it together is nothing.
  const others = again.rows.reduce((sum, { line: one }) => sum - one.fees - one.grid, 0n);
  const checks = [
    check(
      "readings",
      String(told.readings),
      String(nets),
      told.readings === nets && told.lines.length === nets,
    ),
    check("signed", String(lines.length), String(read.filter((reading) => reading.isSigned).length)),
    check(
      "limits",
      count((line) => line.limit[0] !== undefined),
      count((line) => line.limit[1] !== undefined),
      lines.every((line) => line.limit[0] === line.limit[1]) &&
        lines.every(
          (line) =>
            (line.limit[0] !== undefined) === (line.net !== 0n && takesPart(history, line.index, slot)),
        ),
    ),
    check("key", said.key, slotKey(number, slot)),
    check("price", text(price), text(dealt.price)),
    check(
      "bounds",
      said.traded ? bounds(said.lowest, said.highest) : "–",
      dealt.bounds ? bounds(...dealt.bounds) : "–",
    ),
    check("volume", String(told.volume), String(dealt.volume)),
    check(
      "shares",
      String(total((line) => line.fill[0])),
      String(total((line) => line.fill[1])),
      lines.every((line) => line.fill[0] === line.fill[1]),
    ),
    check("greatest", "✓", dealt.holds ? "✓" : "✗"),
    check(
      "money",
      String(total((line) => line.prepaid[0] + line.statement[0])),
      String(total((line) => line.prepaid[1] + line.statement[1])),
      lines.every((line) => line.prepaid[0] === line.prepaid[1] && line.statement[0] === line.statement[1]),
    ),
    check("sum", "0", String(total((line) => line.prepaid[0] + line.statement[0]) + others)),
  ];
  const agrees = isSettled && checks.every((one) => one.agrees) && lines.every((line) => line.agrees);
  return { state: said.state, told, mode: said.mode, lines, checks, agrees };
}
