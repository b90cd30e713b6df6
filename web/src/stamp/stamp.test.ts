import { readdirSync, readFileSync } from "node:fs";
import { type Hex, hexToBytes } from "viem";
import { describe, expect, test } from "vitest";
import { interfaces } from "./interfaces";
import { tell } from "./told";
import { sentences } from "./words";

// Stamps that a network gave, and its key: their README.md says how they were made.
const golden = new URL("../../light/golden/stamps/", import.meta.url);
const file = (name: string) => readFileSync(new URL(name, golden), "utf8");
const key = hexToBytes(file("network-key.txt").trim() as Hex);
const names = readdirSync(golden).filter((name) => name.endsWith(".json"));

describe("stamps that a network gave", () => {
  test.each(names)("%s proves what it says", (name) => {
    const proven = tell(file(name), key, interfaces);
    expect([proven.block.number, ...sentences(proven)].join("\n")).toMatchSnapshot();
  });
});
