/**
 * Reads optical trace files (`.sor`, formats 1 and 2) as the law's own reader does: what is needed to draw a
 * trace and to name what is on it. A file is a stranger's: no length that it declares is believed, nothing is
 * allocated by one, and what does not fit is refused with a reason.
 */

/** Limits, those of the law. */
export const BYTES_MAX = 1024 * 1024;
const BLOCKS_MAX = 64;
const NAME_BYTES_MAX = 64;
const EVENTS_MAX = 512;
const TRACES_MAX = 16;

/** The speed of light in vacuum, m/s. */
const LIGHT = 299_792_458n;
/** Tenths of a nanometre begin above this. */
const WAVELENGTH_NM_MAX = 3_000;
const NO_REFLECTANCE = -0x8000_0000;

export type Why = "truncated" | "tooMany" | "unknown" | "missing" | "twice" | "map" | "figure";

/** Why a file is not taken. */
export class Unreadable extends Error {
  readonly why: Why;
  /** Where, or of what. */
  readonly what: string;

  constructor(why: Why, what: string) {
    super(`${why}: ${what}`);
    this.name = "Unreadable";
    this.why = why;
    this.what = what;
  }
}

/** A row of the instrument's table of events. */
export interface Event {
  number: number;
  /** 100 ps, one way. */
  time: number;
  /** mdB/km of the section before it. */
  slope: number;
  /** mdB; negative where the fibre behind scatters more. */
  loss: number;
  /** mdB, where there is one. */
  reflectance: number | undefined;
  /** `1F9999`: reflective or not, then F (found), E (end) and others. */
  code: string;
  isReflective: boolean;
  isEnd: boolean;
}

export interface Sor {
  format: 1 | 2;
  cable: string;
  fibre: string;
  wavelengthNm: number;
  placeA: string;
  placeB: string;
  operator: string;
  supplier: string;
  otdr: string;
  serial: string;
  /** Seconds since 1970, by the instrument's clock. */
  time: number;
  /** Nanoseconds. */
  pulseNs: number;
  /** 100 ps of 10,000 points. */
  spacing: number;
  /** 1e-5. */
  groupIndex: number;
  /** How many measurements were averaged. */
  averages: number;
  /** mdB: a splice that loses less may not be seen. */
  lossThreshold: number;
  /** Of the first sample, 100 ps. */
  offset: number;
  events: Event[];
  /** mdB, by the instrument. */
  totalLoss: number;
  /** Thousandths of mdB that a sample counts. */
  scale: number;
  /** mdB under the instrument's own level, by `scale`. */
  samples: Uint16Array;
  /** What the file says and what it comes to; nothing where it has none. */
  checksum: { stored: number; computed: number } | undefined;
}

const latin = (bytes: Uint8Array) => String.fromCharCode(...bytes);

/** Where reading is in a block. */
class Cursor {
  position = 0;
  private readonly view: DataView;
  private readonly bytes: Uint8Array;
  private readonly block: string;

  constructor(bytes: Uint8Array, block: string) {
    this.bytes = bytes;
    this.block = block;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The place of so many bytes that are there; reading goes on behind them. */
  skip(count: number): number {
    const at = this.position;
    if (count < 0 || count > this.bytes.length - at) throw new Unreadable("truncated", this.block);
    this.position = at + count;
    return at;
  }

  take(count: number): Uint8Array {
    const at = this.skip(count);
    return this.bytes.subarray(at, at + count);
  }

  u16 = () => this.view.getUint16(this.skip(2), true);
  i16 = () => this.view.getInt16(this.skip(2), true);
  u32 = () => this.view.getUint32(this.skip(4), true);
  i32 = () => this.view.getInt32(this.skip(4), true);

  /** A text up to its zero. */
  text(max: number): string {
    const end = this.bytes.indexOf(0, this.position);
    if (end < 0) throw new Unreadable("truncated", this.block);
    const length = end - this.position;
    if (length > max) throw new Unreadable("tooMany", "NAME_BYTES_MAX");
    const text = new TextDecoder().decode(this.take(length));
    this.skip(1);
    return text;
  }

  trimmed = () => this.text(BYTES_MAX).trim();
}

/** What each byte does to CRC-16/CCITT-FALSE. */
const CRC = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit += 1) crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
  return crc;
});

/** CRC-16/CCITT-FALSE. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) crc = ((crc << 8) & 0xffff) ^ (CRC[(crc >> 8) ^ byte] ?? 0);
  return crc;
}

const KNOWN = ["GenParams", "SupParams", "FxdParams", "KeyEvents", "DataPts", "Cksum"] as const;
type Known = (typeof KNOWN)[number];

interface Span {
  from: number;
  to: number;
}

/** Reads a file. Throws `Unreadable`. */
export function read(file: Uint8Array): Sor {
  if (file.length > BYTES_MAX) throw new Unreadable("tooMany", "BYTES_MAX");
  const map = new Cursor(file, "map");
  const named = latin(file.subarray(0, 4)) === "Map\0";
  if (named) map.skip(4);
  const version = map.u16();
  const format =
    named && version >= 200 && version < 300 ? 2 : !named && version >= 100 && version < 200 ? 1 : 0;
  if (format === 0) throw new Unreadable("unknown", "format");
  const mapBytes = map.u32();
  const count = map.u16();
  if (count > BLOCKS_MAX) throw new Unreadable("tooMany", "BLOCKS_MAX");
  const places = new Map<Known, Span>();
  const listed: { name: string; size: number }[] = [];
  for (let at = 1; at < count; at += 1) {
    const name = map.text(NAME_BYTES_MAX);
    map.skip(2);
    listed.push({ name, size: map.u32() });
  }
  if (map.position > mapBytes) throw new Unreadable("map", "length");
  let from = mapBytes;
  for (const { name, size } of listed) {
    const to = from + size;
    if (to > file.length) throw new Unreadable("truncated", name);
    const known = KNOWN.find((one) => one === name);
    if (known && places.has(known)) throw new Unreadable("twice", known);
    if (known) places.set(known, { from, to });
    from = to;
  }
  const block = (name: Known): Cursor => {
    const span = places.get(name);
    if (!span) throw new Unreadable("missing", name);
    const cursor = new Cursor(file.subarray(span.from, span.to), name);
    if (format === 2 && cursor.text(name.length) !== name) throw new Unreadable("map", name);
    return cursor;
  };
  const sum = places.get("Cksum");
  let checksum: Sor["checksum"];
  if (sum) {
    const cursor = block("Cksum");
    checksum = { computed: crc16(file.subarray(0, sum.from + cursor.position)), stored: cursor.u16() };
  }
  const fixed = fixedOf(block("FxdParams"), format);
  const table = eventsOf(block("KeyEvents"), format);
  const { userOffset, ...general } = generalOf(block("GenParams"), format);
  const { acquisitionOffset, ...how } = fixed;
  const supplier = block("SupParams");
  return {
    format,
    ...general,
    supplier: supplier.trimmed(),
    otdr: supplier.trimmed(),
    serial: supplier.trimmed(),
    ...how,
    offset: acquisitionOffset - userOffset,
    ...table,
    ...samplesOf(block("DataPts")),
    checksum,
  };
}

function generalOf(at: Cursor, format: 1 | 2) {
  at.skip(2);
  const cable = at.trimmed();
  const fibre = at.trimmed();
  if (format === 2) at.skip(2);
  const written = at.u16();
  const wavelengthNm = written > WAVELENGTH_NM_MAX ? Math.floor((written + 5) / 10) : written;
  const placeA = at.trimmed();
  const placeB = at.trimmed();
  at.trimmed();
  at.skip(2);
  const userOffset = at.i32();
  if (format === 2) at.skip(4);
  return { cable, fibre, wavelengthNm, placeA, placeB, userOffset, operator: at.trimmed() };
}

function fixedOf(at: Cursor, format: 1 | 2) {
  const time = at.u32();
  at.skip(4);
  const acquisitionOffset = at.i32();
  if (format === 2) at.skip(4);
  const traces = at.u16();
  if (traces > TRACES_MAX) throw new Unreadable("tooMany", "TRACES_MAX");
  if (traces === 0) throw new Unreadable("figure", "traces");
  const first = (each: () => number) => Array.from({ length: traces }, each)[0] ?? 0;
  const pulseNs = first(at.u16);
  const spacing = first(at.u32);
  at.skip(4 * traces);
  const groupIndex = at.u32();
  if (groupIndex === 0) throw new Unreadable("figure", "groupIndex");
  at.skip(2);
  const averages = at.u32();
  if (format === 2) at.skip(2);
  at.skip(format === 2 ? 8 : 4);
  at.skip(4 + 2 + 4);
  return { time, acquisitionOffset, pulseNs, spacing, groupIndex, averages, lossThreshold: at.u16() };
}

function eventsOf(at: Cursor, format: 1 | 2) {
  const count = at.u16();
  if (count > EVENTS_MAX) throw new Unreadable("tooMany", "EVENTS_MAX");
  const events: Event[] = [];
  for (let row = 0; row < count; row += 1) {
    const [number, time, slope, loss, reflectance] = [at.u16(), at.u32(), at.i16(), at.i16(), at.i32()];
    const code = latin(at.take(6));
    at.skip(format === 2 ? 22 : 2);
    at.trimmed();
    events.push({
      number,
      time,
      slope,
      loss,
      reflectance: reflectance === 0 || reflectance === NO_REFLECTANCE ? undefined : reflectance,
      code,
      isReflective: code[0] !== "0",
      isEnd: code[1] === "E",
    });
  }
  return { events, totalLoss: at.i32() };
}

function samplesOf(at: Cursor) {
  at.skip(4);
  const traces = at.u16();
  if (traces > TRACES_MAX) throw new Unreadable("tooMany", "TRACES_MAX");
  if (traces === 0) throw new Unreadable("figure", "traces");
  const points = at.u32();
  const scale = at.u16();
  const bytes = at.take(points * 2);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const samples = Uint16Array.from({ length: points }, (_, point) => view.getUint16(point * 2, true));
  return { scale, samples };
}

function floor(a: bigint, b: bigint): bigint {
  const whole = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? whole - 1n : whole;
}

/** Millimetres from the zero of the table of events, by the file's own group index: the law's whole numbers. */
export function distanceMm(sor: Sor, time: number): number {
  const index = BigInt(sor.groupIndex);
  return Number(floor(BigInt(time) * LIGHT + index * 50n, index * 100n));
}

/** Millimetres that the pulse covers. */
export function pulseMm(sor: Sor): number {
  return Number(floor(BigInt(sor.pulseNs) * LIGHT, BigInt(sor.groupIndex) * 20n));
}

/** Millimetres of a sample, for drawing. */
export function sampleMm(sor: Sor, at: number): number {
  return ((sor.offset + (at * sor.spacing) / 10_000) * Number(LIGHT)) / (100 * sor.groupIndex);
}

/** dB under the instrument's level. */
export function sampleDb(sor: Sor, at: number): number {
  return ((sor.samples[at] ?? 0) * sor.scale) / 1_000_000;
}
