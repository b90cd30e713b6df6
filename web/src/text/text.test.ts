import { describe, expect, test } from "vitest";
import { csv } from "./csv";
import { meaning } from "./find";
import { age, bytes, counted, date, decimal, duration, millis, short, title, words } from "./format";
import { asciiOf, plain } from "./safe";

describe("text from the ledger", () => {
  test("what cannot be seen is named", () => {
    expect(plain("pay\u200bee")).toBe("pay‹U+200B›ee");
    expect(plain("\u202egpj.exe")).toBe("‹U+202E›gpj.exe");
    expect(plain("a\u0000b\u0007c")).toBe("a‹U+0000›b‹U+0007›c");
    expect(plain("\u{e0041}tag")).toBe("‹U+E0041›tag");
    expect(plain("bank\u3164")).toBe("bank‹U+3164›");
  });
  test("what breaks lines does not", () => {
    expect(plain("one\ntwo\t three\u00a0four")).toBe("one two three four");
    expect(plain("a\u2028b")).toBe("a‹U+2028›b");
  });
  test("marks do not pile up", () => {
    expect(plain(`Z${"\u0300".repeat(500)}algo`)).toBe("Z\u0300\u0300algo");
  });
  test("long text is cut, whole characters only", () => {
    expect(plain("x".repeat(10_000), 5)).toBe("xxxxx…");
    expect(plain("🦀".repeat(10_000), 3)).toBe("🦀🦀🦀…");
    expect(plain("\u200b".repeat(10_000), 2)).toBe("‹U+200B›‹U+200B›…");
    expect(plain("abc", 3)).toBe("abc");
  });
  test("half characters are replaced", () => {
    expect(plain("a\ud800b")).toBe("a\ufffdb");
  });
  test("other scripts and markup stay what they are", () => {
    for (const text of ["Łódź", "日本赤十字", "مستشفى", "<script>alert(1)</script>", "O’Brien & Söhne"]) {
      expect(plain(text)).toBe(text);
    }
  });
  test("words of 32 bytes", () => {
    expect(asciiOf(`0x${"726573656172636865720000".padEnd(64, "0")}`)).toBe("researcher");
    expect(asciiOf(`0x${"00".repeat(32)}`)).toBeUndefined();
    expect(asciiOf(`0x${"ff".repeat(32)}`)).toBeUndefined();
    expect(asciiOf(`0x0061${"00".repeat(30)}`)).toBeUndefined();
  });
});

describe("a file for spreadsheets", () => {
  test("quotes what needs it", () => {
    expect(csv(["a", "b,c"], [['say "x"', "1\n2"]])).toBe('\uFEFFa,"b,c"\r\n"say ""x""","1\n2"\r\n');
  });
  test("nothing in it is taken for a formula", () => {
    for (const text of ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1"]) {
      expect(csv(["x"], [[text]])).toMatch(/\r\n"?'/);
    }
    expect(csv(["x"], [["-12.5"]])).toContain("\r\n-12.5\r\n");
  });
});

describe("what a query means", () => {
  const address = "0xF39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
  test.each([
    ["12", { kind: "block", number: "12" }],
    [" 1,234 ", { kind: "block", number: "1234" }],
    ["block 7", { kind: "block", number: "7" }],
    ["#007", { kind: "block", number: "7" }],
    [address, { kind: "address", address: address.toLowerCase() }],
    [address.slice(2), { kind: "address", address: address.toLowerCase() }],
    [`0x${"A".repeat(64)}`, { kind: "hash", hash: `0x${"a".repeat(64)}` }],
    ["@Clinic.North", { kind: "handle", handle: "clinic.north" }],
    ["", { kind: "nothing" }],
    ["0x12", { kind: "handle", handle: "0x12" }],
    ["<script>", { kind: "nothing" }],
    ["9".repeat(5_000), { kind: "nothing" }],
  ])("%s", (text, found) => {
    expect(meaning(text)).toEqual(found);
  });
});

describe("numbers and times", () => {
  test("amounts keep every digit", () => {
    expect(decimal(1_234_500_000_000n, 9)).toBe("1,234.5");
    expect(decimal(1n, 18)).toBe("0.000000000000000001");
    expect(decimal(0n, 9)).toBe("0");
    expect(decimal(-1_500_000_000n, 9)).toBe("-1.5");
    expect(decimal(2n ** 255n, 0)).toContain("57,896,044");
  });
  test("sizes, spans and counts", () => {
    expect([bytes(1), bytes(999), bytes(5_044), bytes(123_456_789)]).toEqual([
      "1 byte",
      "999 bytes",
      "5.0 kB",
      "123 MB",
    ]);
    expect([duration(5), duration(61), duration(7_300), duration(90_000)]).toEqual([
      "5 s",
      "1 min",
      "2 h 1 min",
      "1 d 1 h",
    ]);
    expect([millis(79.4), millis(1_250)]).toEqual(["79 ms", "1.3 s"]);
    expect([counted(1, "block"), counted(2_000n, "block")]).toEqual(["1 block", "2,000 blocks"]);
  });
  test("ages", () => {
    expect([age(0, 12_000), age(0, 180_000), age(5_000, 0)]).toEqual(["12 sec ago", "3 min ago", "in 5 sec"]);
  });
  test("dates, also those that no calendar has", () => {
    expect(date(1_795_700_805_000)).toBe("26 Nov 2026, 13:46:45 UTC");
    expect(date(Number.MAX_SAFE_INTEGER)).toBe("9,007,199,254,740 seconds since 1970");
    expect(date(Number.NaN)).toContain("seconds since 1970");
  });
  test("names of code", () => {
    expect(title("requestOpening")).toBe("Request opening");
    expect(words("ERC20InvalidSender")).toBe("erc20 invalid sender");
    expect(short(`0x${"ab".repeat(32)}`)).toBe("0xababab…abab");
  });
});
