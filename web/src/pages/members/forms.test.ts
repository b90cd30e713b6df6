import { describe, expect, test } from "vitest";
import { outcome } from "./counting";
import { isEndpoint, isReason, isVersion, NoApplication, readApplication } from "./forms";

/** Made by `commonhold member application` for the network 49152. */
const admission = {
  application: "admission",
  chainId: 49_152,
  name: "Valley Hospital",
  publicKey: "0x928091693999e6df834ce44fa53df2e881f4e91d9d984e3fef8be954732421e7",
  endpoint: "node.valley.example:9701",
  account: "0x70997970c51812dc3a010c7d01b50e0d17dc79c8",
  proof:
    "0x83e7a2a4d07cb3f94fc8ea18c9645ccbca6d70e45ed191c65fdfd7061f711aefe98df0fed51534b1900a72bac05b148719ec8a59f58aa2e7b440b5d6aabf2601",
};
const key = {
  application: "key",
  chainId: 49_152,
  member: 2,
  publicKey: "0x79edcc12237546666f3b5603d3f3dad2d6a638aef0a81ff792b0e8db196ae8f4",
  proof:
    "0x7286918d37b5a0002ee6ee4be905f8ce5ada76b8677a0f5160be1beb05e9da9a5dd573d502cdd81ea408657aeac54230f9f89f56f3bc834466060d7cb14a3b06",
};

function wrong(file: unknown, chainId = 49_152): string {
  try {
    readApplication(typeof file === "string" ? file : JSON.stringify(file), chainId);
  } catch (error) {
    if (error instanceof NoApplication) return error.wrong;
    throw error;
  }
  return "nothing";
}

describe("an application", () => {
  test("of the command line is taken", () => {
    expect(readApplication(JSON.stringify(admission), 49_152)).toMatchObject({ kind: "admission" });
    expect(readApplication(JSON.stringify(key), 49_152)).toMatchObject({ kind: "key", member: 2n });
  });
  test("that was changed is not its key's word any more", () => {
    expect(wrong({ ...admission, name: "Valley Hospita1" })).toBe("proof");
    expect(wrong({ ...admission, endpoint: "evil.example:9701" })).toBe("proof");
    expect(wrong({ ...admission, account: `0x${"11".repeat(20)}` })).toBe("proof");
    expect(wrong({ ...admission, publicKey: key.publicKey })).toBe("proof");
    expect(wrong({ ...key, member: 1 })).toBe("proof");
    expect(wrong({ ...admission, chainId: 1 }, 1)).toBe("proof");
  });
  test("for elsewhere, and other files, are refused by what they are", () => {
    expect(wrong(admission, 1)).toBe("network");
    expect(wrong("{")).toBe("json");
    for (const other of ["[]", "null", "7", {}, { application: "other" }, { ...admission, more: 1 }]) {
      expect(wrong(other)).toBe("form");
    }
    expect(wrong({ ...admission, proof: "0x00" })).toBe("form");
    expect(wrong({ ...key, member: -1 })).toBe("form");
    expect(wrong({ ...admission, name: " Valley" })).toBe("name");
    expect(wrong({ ...admission, name: "é".repeat(33) })).toBe("name");
    expect(wrong({ ...admission, endpoint: "valley" })).toBe("endpoint");
    const { application: _, chainId: __, ...founding } = admission;
    expect(wrong(founding)).toBe("founding");
    expect(wrong(" ".repeat(8 * 1024))).toBe("long");
  });
});

test("an endpoint is what the ledger takes for one", () => {
  const label = "a".repeat(63);
  const long = [label, label, label, label.slice(2)].join(".");
  for (const good of [
    "member1.example:9000",
    "localhost:1",
    "10.0.0.1:65535",
    "xn--bcher-kva.example:80",
    "[::1]:9000",
    "[fe80::1:2]:9000",
    "[1:2:3:4:5:6:7:8]:9000",
    "[1::]:9000",
    `${long}:9000`,
  ]) {
    expect(isEndpoint(good), good).toBe(true);
  }
  for (const bad of [
    "",
    "member1.example",
    ":9000",
    "member1.example:",
    "member1.example:0",
    "member1.example:65536",
    "member1.example:+1",
    "member1.example:080",
    "Member1.example:9000",
    "member_1.example:9000",
    "-a.example:9000",
    "a-.example:9000",
    "a..example:9000",
    "a.example.:9000",
    "10.0.0.300:9000",
    "10.0.1:9000",
    "010.0.0.1:9000",
    "10.0.0.0.1:9000",
    "::1:9000",
    "[::1:9000",
    "[:::1]:9000",
    "[1:2:3:4:5:6:7]:9000",
    "[1:2:3:4:5:6:7:8:9]:9000",
    "[1:2:3:4::5:6:7:8]:9000",
    "[1::2::3]:9000",
    "[fe80::1%eth0]:9000",
    "[12345::]:9000",
    "http://member1.example:9000",
    "member1.example:9000 ",
    `a${long}:9000`,
  ]) {
    expect(isEndpoint(bad), bad).toBe(false);
  }
});

test("a version is three numbers, and a reason says something", () => {
  expect(["1.2.3", "0.0.0", "65535.0.1"].map(isVersion)).toEqual([true, true, true]);
  for (const bad of ["", "1", "1.2", "1.2.3.4", "1.2.x", "1.2.03", "1.2.70000", "v1.2.3"]) {
    expect(isVersion(bad), bad).toBe(false);
  }
  expect(isReason("we know them")).toBe(true);
  expect(isReason("  ")).toBe(false);
  expect(isReason("é".repeat(129))).toBe(false);
});

test("what comes of a vote is said before it is given", () => {
  const votes = (yes: number, no: number, gone = 0) => [
    ...Array.from({ length: yes }, () => ({ approve: true, counts: true })),
    ...Array.from({ length: no }, () => ({ approve: false, counts: true })),
    ...Array.from({ length: gone }, () => ({ approve: true, counts: false })),
  ];
  expect(outcome(true, votes(1, 0), 3, 4)).toBe(1);
  expect(outcome(true, votes(2, 0), 3, 4)).toBe("accepted");
  expect(outcome(true, votes(1, 0, 5), 3, 4)).toBe(1);
  expect(outcome(false, votes(1, 0), 3, 4)).toBe(2);
  expect(outcome(false, votes(1, 1), 3, 4)).toBe("refused");
});
