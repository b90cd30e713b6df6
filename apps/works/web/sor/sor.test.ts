/** Traces of the project's own samples, as `commonhold works check` reads them; and damaged ones. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { frame, levels, path, ticks } from "./draw";
import { fault, lengthMm, pair, side, single, tolerance } from "./pairs";
import { BYTES_MAX, crc16, distanceMm, pulseMm, read, sampleMm, Unreadable, type Why } from "./read";

const bytes = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../../../samples/works/traces/${name}.sor`, import.meta.url)));
const why = (file: Uint8Array): Why | undefined => {
  try {
    read(file);
    return undefined;
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return error.why;
  }
};
/** Where a text stands, the `nth` time. */
const place = (file: Uint8Array, text: string, nth = 0): number => {
  const all = String.fromCharCode(...file);
  let at = all.indexOf(text);
  for (let n = 0; n < nth; n += 1) at = all.indexOf(text, at + 1);
  return at;
};
const changed = (file: Uint8Array, at: number, ...to: number[]) => {
  const copy = file.slice();
  copy.set(to, at);
  return copy;
};
const ALL = [0xff, 0xff, 0xff, 0xff];

describe("a trace", () => {
  const sor = read(bytes("K01_AB_1310"));
  test("says what the command line says of it", () => {
    expect(sor).toMatchObject({
      format: 2,
      cable: "KABEL-1",
      fibre: "K01",
      wavelengthNm: 1310,
      placeA: "EXCH",
      placeB: "CAB",
      operator: "operator",
      supplier: "MADE",
      otdr: "MADE-1",
      serial: "SN-A",
      time: 1_790_000_100,
      pulseNs: 50,
      groupIndex: 146_770,
      lossThreshold: 20,
      scale: 1_000,
    });
    expect(sor.samples.length).toBe(2_800);
    expect(sor.checksum?.stored).toBe(sor.checksum?.computed);
    const rows = sor.events.map((event) => [
      event.number,
      distanceMm(sor, event.time),
      event.code,
      event.loss,
      event.reflectance,
      event.slope,
    ]);
    expect(rows).toEqual([
      [1, 0, "1F9999", 200, -55_000, 340],
      [2, 1_299_993, "0F9999", 40, undefined, 340],
      [3, 2_600_006, "0F9999", 60, undefined, 340],
      [4, 4_000_004, "1F9999", 200, -55_000, 340],
      [5, 4_300_001, "1E9999", 0, -55_000, 340],
    ]);
    expect(sor.events.map((event) => event.isEnd)).toEqual([false, false, false, false, true]);
  });
  test("lies on the fibre", () => {
    expect(pulseMm(sor)).toBe(5_106);
    expect(sampleMm(sor, 0)).toBe(0);
    expect(sampleMm(sor, 2_000)).toBeCloseTo(4_000_000, -3);
  });
  test("of every sample is read", () => {
    for (const fibre of ["K01", "K02"])
      for (const end of ["AB", "BA"])
        for (const nm of [1310, 1550]) expect(read(bytes(`${fibre}_${end}_${nm}`)).wavelengthNm).toBe(nm);
  });
  test("is drawn without losing its peaks", () => {
    const view = { ...frame(4_000_000), top: 5, bottom: 20 };
    const line = path(sor, view, { width: 400, height: 200 });
    expect(line.startsWith("M")).toBe(true);
    expect(line.split("L").length).toBeGreaterThan(300);
    expect(line.split("L").length).toBeLessThan(900);
    const back = path(sor, view, { width: 400, height: 200 }, 4_000_000);
    expect(back).not.toBe(line);
    expect(levels(sor, 0, 4_000_000)?.map((db) => Math.round(db))).toEqual([10, 12]);
    expect(levels(sor, 9e9, 9e9)).toBeUndefined();
  });
});

describe("a damaged file is refused with a reason", () => {
  const file = bytes("K01_AB_1310");
  test("wherever it is cut off", () => {
    for (let end = 0; end < file.length; end += 7) {
      expect(["truncated", "unknown", "missing", "map"], String(end)).toContain(why(file.subarray(0, end)));
    }
  });
  test("whatever lengths it declares", () => {
    const block = place(file, "DataPts", 1) + 8;
    expect(why(changed(file, block + 6, ...ALL))).toBe("truncated");
    expect(why(changed(file, block + 4, 0xff, 0xff))).toBe("tooMany");
    expect(why(changed(file, block + 4, 0, 0))).toBe("figure");
    expect(why(changed(file, place(file, "KeyEvents", 1) + 10, 0xff, 0xff))).toBe("tooMany");
    expect(why(changed(file, 6, ...ALL))).toBe("truncated");
    expect(why(changed(file, 6, 1, 0, 0, 0))).toBe("map");
    expect(why(changed(file, 10, 0xff, 0xff))).toBe("tooMany");
    expect(why(changed(file, place(file, "GenParams") + 12, ...ALL))).toBe("truncated");
    const traces = place(file, "FxdParams", 1) + 10 + 16;
    expect(why(changed(file, traces, 0xff, 0xff))).toBe("tooMany");
  });
  test("and whatever else is in it", () => {
    expect(why(new Uint8Array())).toBe("truncated");
    expect(why(new TextEncoder().encode("<svg onload=alert(1)>"))).toBe("unknown");
    expect(why(new Uint8Array(BYTES_MAX + 1))).toBe("tooMany");
    expect(why(changed(file, place(file, "Cksum"), ...new TextEncoder().encode("Other")))).toBe(undefined);
    expect(why(changed(file, place(file, "DataPts"), ...new TextEncoder().encode("Another")))).toBe(
      "missing",
    );
    const index = place(file, "FxdParams", 1) + 10 + 18 + 2 + 4 + 4;
    expect(why(changed(file, index, 0, 0, 0, 0))).toBe("figure");
  });
  test("and no changed byte before the samples breaks it", () => {
    for (let at = 0; at < place(file, "DataPts", 1) + 22; at += 1) {
      for (const to of [0, 0xff]) why(changed(file, at, to));
    }
  });
  test("a changed sample shows in the checksum", () => {
    const { checksum } = read(changed(file, place(file, "DataPts", 1) + 30, 1));
    expect(checksum?.stored).not.toBe(checksum?.computed);
    expect(crc16(new TextEncoder().encode("123456789"))).toBe(0x29b1);
    expect(crc16(new Uint8Array())).toBe(0xffff);
  });
});

describe("both ends", () => {
  const both = (fibre: string, nm: number) =>
    [`${fibre}_AB_${nm}`, `${fibre}_BA_${nm}`].map((name) => side(read(bytes(name))));
  test("are put together as the law does it", () => {
    const [a, b] = both("K01", 1550);
    if (!a || !b) throw new Error("no sides");
    const near = tolerance(a, 4_000_000);
    expect(near).toBe(5_106 + 2_000 + 5_000);
    const [fromA, fromB] = [lengthMm(a, 4_000_000, near), lengthMm(b, 4_000_000, near)];
    expect([fromA, fromB]).toEqual([4_000_004, 4_000_004]);
    const pairs = pair(a, b, 4_000_004, near);
    expect(pairs.map(({ loss, connector }) => [loss, connector])).toEqual([
      [200, true],
      [40, false],
      [60, false],
      [200, true],
    ]);
    expect(single(a, 4_000_004, near).map(({ loss }) => loss)).toEqual([200, 40, 60, 200]);
  });
  const event = (atMm: number, loss: number) => ({
    atMm,
    loss,
    number: 1,
    time: 0,
    slope: 200,
    reflectance: undefined,
    code: "0F9999",
    isReflective: false,
    isEnd: false,
  });
  const made = (...events: ReturnType<typeof event>[]) => ({ pulseMm: 10_000, lossThreshold: 20, events });
  test("a gainer is no fault", () => {
    const pairs = pair(made(event(1_000_000, 223)), made(event(1_001_000, -140)), 2_000_000, 5_000);
    expect(pairs).toMatchObject([{ loss: 42, atMm: 999_500, a: 223, b: -140 }]);
  });
  test("what one end misses is as bad as it may be", () => {
    const pairs = pair(made(event(500_000, 76)), made(event(500_000, 70)), 2_000_000, 5_000);
    expect(pairs.map(({ loss, atMm }) => [loss, atMm])).toEqual([
      [48, 500_000],
      [45, 1_500_000],
    ]);
  });
  test("an event is put to the nearest and to one only", () => {
    const a = made(event(1_000_000, 10), event(1_002_000, 30));
    expect(pair(a, made(event(999_000, 50)), 2_000_000, 5_000).map(({ loss }) => loss)).toEqual([30, 25]);
  });
  test("what is over a limit is named", () => {
    const limits = { spliceHard: 200, splice95: 120, connector: 500, reflectance: -45_000 };
    const one = { atMm: 0, a: 1, b: 1, loss: 201, reflectance: undefined, connector: false };
    expect(fault(one, limits)).toBe("splice");
    expect(fault({ ...one, loss: 150 }, limits)).toBe("high");
    expect(fault({ ...one, loss: 120 }, limits)).toBeUndefined();
    expect(fault({ ...one, connector: true }, limits)).toBeUndefined();
    expect(fault({ ...one, connector: true, loss: 501 }, limits)).toBe("connector");
    expect(fault({ ...one, connector: true, reflectance: -40_000 }, limits)).toBe("reflectance");
  });
});

test("axes have round numbers", () => {
  expect(ticks(0, 4_150_000)).toEqual([0, 1_000_000, 2_000_000, 3_000_000, 4_000_000]);
  expect(ticks(9.7, 12.1)).toEqual([10, 10.5, 11, 11.5, 12]);
  expect(ticks(1, 1)).toEqual([]);
  expect(ticks(0, Number.POSITIVE_INFINITY)).toEqual([]);
});
