import { expect, test } from "vitest";
import { falseAmong } from "./witness";

const block = (number: number, of = "0a") => ({
  number,
  hash: `0x${of}` as const,
  timeMs: number * 1_000,
  stateRoot: "0x0b" as const,
});
const checked = new Map([1, 2, 3].map((number) => [number, { ...block(number), genesis: "0x0c" as const }]));

test("a shown block that is not the final one of its height is found", () => {
  const shown = [5, 4, 3, 2].map((number) => block(number));
  expect(falseAmong(shown, checked)).toBeUndefined();
  expect(falseAmong([...shown, block(1, "0d")], checked)).toBe(1);
  expect(falseAmong([block(4, "0d")], checked), "nothing is known of it").toBeUndefined();
  expect(falseAmong([{ ...block(2), timeMs: 1 }], checked)).toBe(2);
  expect(falseAmong([{ ...block(3), stateRoot: "0x0d" }], checked)).toBe(3);
});
