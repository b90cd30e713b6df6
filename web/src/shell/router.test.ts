import { expect, test } from "vitest";
import type { Block } from "../ledger/api";
import { BLOCKS_KEPT, merge } from "../ledger/live";
import { countedPage } from "../parts/pager";
import { match } from "./router";

test("paths and patterns", () => {
  expect(match("/", "/")).toEqual({});
  expect(match("/", "/blocks")).toBeUndefined();
  expect(match("/blocks", "/blocks/")).toEqual({});
  expect(match("/blocks/:id", "/blocks/12")).toEqual({ id: "12" });
  expect(match("/blocks/:id", "/blocks")).toBeUndefined();
  expect(match("/blocks/:id", "/blocks/1/2")).toBeUndefined();
  expect(match("/accounts/:a/:b", "/accounts/x/y%20z")).toEqual({ a: "x", b: "y z" });
  expect(match("/blocks/:id", "/blocks/%E0%A4%A")).toBeUndefined();
  expect(match("/health/*", "/health")).toEqual({ rest: "" });
  expect(match("/health/*", "/health/data/1")).toEqual({ rest: "data/1" });
  expect(match("/health/*", "/healthy")).toBeUndefined();
});

test("pages that are counted from the newest", () => {
  expect(countedPage(60, 0, 25)).toEqual({ from: 35, size: 25, pages: 3 });
  expect(countedPage(60, 2, 25)).toEqual({ from: 0, size: 10, pages: 3 });
  expect(countedPage(60, 9, 25)).toEqual({ from: 0, size: 0, pages: 3 });
  expect(countedPage(0, 0, 25)).toEqual({ from: 0, size: 0, pages: 0 });
});

test("blocks that come twice or late are there once and in order", () => {
  const block = (number: number) => ({ number }) as Block;
  expect(merge([block(3), block(1)], [block(2), block(3)]).map((b) => b.number)).toEqual([3, 2, 1]);
  const many = Array.from({ length: 500 }, (_, number) => block(number));
  expect(merge([], many)).toHaveLength(BLOCKS_KEPT);
  expect(merge([], many)[0]?.number).toBe(499);
});
