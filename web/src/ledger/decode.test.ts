import {
  type Abi,
  encodeAbiParameters,
  encodeErrorResult,
  encodeEventTopics,
  encodeFunctionData,
  parseAbi,
} from "viem";
import { describe, expect, test } from "vitest";
import records from "../../../crates/system/tests/golden/records/abi.json";
import type { Hex } from "./api";
import { code, decodeCall, decodeLog, decodeReason } from "./decode";
import { parse } from "./given";

const abi = parseAbi([
  "struct Item { string name; uint256[] counts; }",
  "function put(Item item, address who, bytes32 role) returns (bool)",
  "function stop()",
  "event Put(address indexed who, string indexed tag, Item item)",
  "error Refused(string why)",
]) as Abi;
const who = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const role = `0x${"61".padEnd(64, "0")}` as Hex;
const item = { name: "a <b> c", counts: [1n, 2n ** 255n] };

describe("calls", () => {
  const input = encodeFunctionData({ abi, functionName: "put", args: [item, who, role] });
  test("decode to the last leaf", () => {
    const decoded = decodeCall(abi, input);
    expect(decoded && code(decoded)).toBe(
      `put(item: [name: a <b> c, counts: [0: 1, 1: ${2n ** 255n}]], who: ${who}, role: ${role})`,
    );
  });
  test("that are not exactly encoded stay bytes", () => {
    expect(decodeCall(abi, `${input}00` as Hex)).toBeUndefined();
    expect(decodeCall(abi, input.slice(0, -64) as Hex)).toBeUndefined();
    expect(decodeCall(abi, "0x")).toBeUndefined();
    expect(decodeCall(abi, "0x12345678")).toBeUndefined();
    expect(decodeCall(abi, `${encodeFunctionData({ abi, functionName: "stop" })}00` as Hex)).toBeUndefined();
  });
  test("without arguments", () => {
    expect(decodeCall(abi, encodeFunctionData({ abi, functionName: "stop" }))).toEqual({
      name: "stop",
      values: [],
    });
  });
});

describe("events", () => {
  const topics = encodeEventTopics({ abi, eventName: "Put", args: { who, tag: "x" } }) as Hex[];
  const tuple = [{ type: "tuple", components: [{ type: "string" }, { type: "uint256[]" }] }] as const;
  const data = encodeAbiParameters(tuple, [[item.name, item.counts]] as never);
  test("decode in the order of their arguments; indexed text is there by its hash", () => {
    const decoded = decodeLog(abi, topics, data);
    expect(decoded?.values.map((value) => value.name)).toEqual(["who", "tag", "item"]);
    expect(decoded?.values[1]).toMatchObject({ type: "bytes32", value: topics[2] });
  });
  test("with a topic too few or of another event stay bytes", () => {
    expect(decodeLog(abi, topics.slice(0, 2), data)).toBeUndefined();
    expect(decodeLog(abi, [role, ...topics.slice(1)], data)).toBeUndefined();
    expect(decodeLog(abi, [], data)).toBeUndefined();
    expect(decodeLog(abi, topics, "0x")).toBeUndefined();
  });
});

test("reasons", () => {
  const data = encodeErrorResult({ abi, errorName: "Refused", args: ["no"] });
  const found = decodeReason([records as Abi, abi], data);
  expect(found && code(found)).toBe("Refused(why: no)");
  expect(decodeReason([abi], "0xdeadbeef")).toBeUndefined();
});

describe("interfaces that the reader gives", () => {
  test("as a list, and in a compiler's file", () => {
    expect(parse(JSON.stringify(abi))).toHaveLength(abi.length);
    expect(parse(JSON.stringify({ abi, bytecode: "0x" }))).toHaveLength(abi.length);
  });
  test.each([
    "",
    "{}",
    "[]",
    "null",
    "[1]",
    '[{"type":"function"}]',
    '[{"type":"constructor"}]',
    " ".repeat(1_000_001),
  ])("that are none are refused", (text) => {
    expect(() => parse(text)).toThrow();
  });
});
