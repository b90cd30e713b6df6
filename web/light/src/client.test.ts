/** The client against nodes that lie about one thing at a time. The answers are those that Rust checks too. */
import { readFileSync } from "node:fs";
import type { Hex } from "viem";
import { describe, expect, test } from "vitest";
import { LightClient, type Options, QUIET_LOOKS_MAX, type Told } from "./client.ts";
import { NoAnswer } from "./fault.ts";
import { ANSWER_BYTES_MAX } from "./node.ts";

// biome-ignore lint/suspicious/noExplicitAny: files of tests
type Json = any;
const golden = (name: string): Json =>
  JSON.parse(readFileSync(new URL(`../golden/${name}.json`, import.meta.url), "utf8"));
const { networkKey, chainId } = golden("network");
const [head, covered, receipt, present, absent] = ["head", "covered", "receipt", "present", "absent"].map(
  golden,
);
const A = "http://a.example";
const B = "http://b.example";

/** What each node answers to each method: a result, an error or a whole body. */
type World = { [node: string]: { [method: string]: unknown } };
class Whole {
  readonly body: string;
  constructor(body: string) {
    this.body = body;
  }
}

function client(world: World, options: Options = {}, nodes = Object.keys(world)) {
  const asked: string[] = [];
  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const { method } = JSON.parse(String(init.body));
    asked.push(url);
    const told = world[url]?.[method];
    if (told === undefined) throw new TypeError("nobody answers");
    const body = told instanceof Whole ? told.body : JSON.stringify({ jsonrpc: "2.0", id: 1, result: told });
    return new Response(body);
  };
  const light = new LightClient(networkKey, nodes, { chainId, fetch, pause: async () => {}, ...options });
  return { light, asked };
}

const CERTIFICATE = "commonhold_getCertificate";
const STAMP = "commonhold_getStamp";
const STATE = "commonhold_getStateStamp";

/** What the one node did instead of answering. */
async function fault(answer: Promise<unknown>) {
  const error = await answer.then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(NoAnswer);
  const { faults } = error as NoAnswer;
  expect(faults).toHaveLength(1);
  return `${faults[0]?.kind}: ${faults[0]?.why}`;
}

const ask: { [name: string]: (light: LightClient, of: Json) => Promise<Told<unknown>> } = {
  head: (light) => light.head(),
  covered: (light, of) => light.header(of.number),
  receipt: (light, of) => light.receipt(of.transaction),
  present: (light, of) => light.state(of.address, [BigInt(of.slot)]),
  absent: (light, of) => light.state(of.address, [BigInt(of.slot)]),
};
const says = (answer: unknown): World => ({
  [A]: { [CERTIFICATE]: answer, [STAMP]: answer, [STATE]: answer },
});

describe("the answers that Rust checks", () => {
  test("prove the same heads", async () => {
    for (const [name, of] of [
      ["head", head],
      ["covered", covered],
    ] as const) {
      const { light } = client(says(of.answer));
      const { answer } = name === "head" ? await light.head() : await light.header(of.number);
      const { block, ...roots } = answer;
      const { timestampMs, networkKey: key, ...proven } = of.proven;
      expect({ ...block, ...roots }).toEqual({ ...proven, timeMs: timestampMs });
      expect(key).toBe(networkKey);
    }
  });

  test("prove the same transaction and receipt", async () => {
    const { answer } = await client(says(receipt.answer)).light.receipt(receipt.transaction);
    const { block, transaction } = receipt.proven;
    expect(answer.block.hash).toBe(block.hash);
    const told = answer.transaction;
    expect({ ...told, sender: told.sender.toLowerCase(), value: told.value }).toMatchObject({
      hash: transaction.hash,
      index: transaction.index,
      chainId: transaction.chainId,
      sender: transaction.sender,
      nonce: transaction.nonce,
      to: transaction.to,
      value: BigInt(transaction.value),
      input: transaction.input,
      success: transaction.success,
    });
    const logs = transaction.logs.map(({ address, topics, data }: Json) => ({ address, topics, data }));
    expect(told.logs).toEqual(logs);
  });

  test("prove the same entry, and the same absence", async () => {
    const value = async (of: Json) => {
      const { answer } = await client(says(of.answer)).light.state(of.address, [BigInt(of.slot)]);
      expect(answer.block.hash).toBe(of.proven.block.hash);
      return answer.entries[0]?.value;
    };
    expect(await value(present)).toBe(BigInt(present.proven.entries[0].value));
    expect(absent.proven.entries[0].value).toBeNull();
    expect(await value(absent)).toBeUndefined();
  });
});

describe("one digit changed", () => {
  test.each(Object.keys(ask))("in %s, and nothing is proven", async (name) => {
    const of = golden(name);
    const text = JSON.stringify(of.answer);
    const unread = (answer: Json) => JSON.stringify({ ...answer, number: 0, hash: 0 });
    const names = (json: string) => json.match(/"\w+":/g)?.join();
    let tried = 0;
    for (let at = 3; at < text.length; at += 61) {
      const digit = text[at] ?? "";
      if (!/[0-9a-f]/.test(digit)) continue;
      const other = digit === "9" ? "a" : digit === "f" ? "0" : String.fromCharCode(digit.charCodeAt(0) + 1);
      const changed = text.slice(0, at) + other + text.slice(at + 1);
      // Names of fields, and what no check reads: number and hash beside the header.
      if (names(changed) !== names(text)) continue;
      let answer: Json;
      try {
        answer = JSON.parse(changed);
      } catch {
        continue;
      }
      if (unread(answer) === unread(of.answer)) continue;
      tried += 1;
      await expect(ask[name]?.(client(says(answer)).light, of), changed).rejects.toThrow(NoAnswer);
    }
    expect(tried).toBeGreaterThan(10);
  });
});

describe("a node that lies", () => {
  const seen = {
    number: 41,
    hash: head.proven.hash,
    timeMs: head.proven.timestampMs,
    genesis: head.proven.genesis,
  };
  const asking = (answer: unknown, more: Partial<typeof seen> = {}) =>
    client(says(answer), { seen: { ...seen, ...more } as typeof seen & { hash: Hex } }).light;

  test("about the head: the same is taken, an older one is not", async () => {
    expect((await asking(head.answer).head()).answer.block.number).toBe(41);
    const told = await fault(asking(head.answer, { number: 42, hash: "0x", timeMs: seen.timeMs + 1 }).head());
    expect(told).toBe("behind: it is behind: block 41 is the newest that it shows, where block 42 is final");
  });

  test.each([
    ["two blocks of one height", { hash: "0x01" }, /^lie: blocks 0x01 and .* are both final at height 41/],
    [
      "time that runs backwards",
      { number: 40, timeMs: seen.timeMs + 1 },
      /^lie: the times of blocks 40 and 41/,
    ],
    ["another founding", { genesis: "0x02" }, /^lie: its network was founded by 0x0909/],
  ])("about %s", async (_, more, why) => {
    expect(await fault(asking(head.answer, more as Partial<typeof seen>).head())).toMatch(why);
  });

  test("about which block it is", async () => {
    expect(await fault(client(says(head.answer)).light.header(40))).toBe("lie: its answer is of block 41");
  });

  test("with the certificate of another block, or without the blocks between", async () => {
    const other = { ...head.answer, header: covered.answer.header };
    expect(await fault(client(says(other)).light.head())).toMatch(
      /^lie: .*the certificate is of another block/,
    );
    const gap = { ...covered.answer, descendants: covered.answer.descendants.slice(1) };
    expect(await fault(client(says(gap)).light.head())).toMatch(/^lie: .*descendant 1 does not follow/);
  });

  test("about whose receipt it is, and of which chain", async () => {
    const another = `0x${"11".repeat(32)}` as const;
    const told = await fault(client(says(receipt.answer)).light.receipt(another));
    expect(told).toBe(`lie: its answer is of transaction ${receipt.transaction}`);
    const chain = client(says(receipt.answer), { chainId: chainId + 1 }).light.receipt(receipt.transaction);
    expect(await fault(chain)).toMatch(/^lie: the transaction was signed for chain/);
  });

  test("about which entry it proves, or that one is absent", async () => {
    const slot = BigInt(present.slot);
    expect(await fault(client(says(absent.answer)).light.state(present.address, [slot]))).toMatch(
      /^lie: .*other entries/,
    );
    const renamed = structuredClone(absent.answer);
    renamed.claim.entries[0].slot = present.slot;
    expect(await fault(client(says(renamed)).light.state(present.address, [slot]))).toMatch(
      /^lie: .*other keys/,
    );
  });

  test("about the newest state", async () => {
    const newer = { number: 60, hash: "0x", timeMs: present.proven.block.timestampMs + 1_000 };
    const { light, asked } = client(says(present.answer), { seen: { ...seen, ...newer } as never });
    expect(await fault(light.state(present.address, [BigInt(present.slot)]))).toMatch(/^behind: /);
    expect(asked).toHaveLength(4);
  });

  test("with too much, or with what is no answer", async () => {
    const much = new Whole(`{"result":"${"0".repeat(ANSWER_BYTES_MAX)}"}`);
    expect(await fault(client(says(much)).light.head())).toMatch(/^silent: its answer has more than/);
    for (const body of ["", "{}", "null", "[]", '{"result":null}', '{"result":{"header":"0x"}}', "<html>"]) {
      expect(await fault(client(says(new Whole(body))).light.head()), body).toMatch(/^silent: /);
    }
  });
});

describe("several nodes", () => {
  const broken = { ...head.answer, certificate: covered.answer.certificate };

  test("who lies is named and left", async () => {
    const { light, asked } = client({ [A]: { [CERTIFICATE]: broken }, [B]: { [CERTIFICATE]: head.answer } });
    const told = await light.head();
    expect([told.node, told.faults.map(({ node, kind }) => [node, kind])]).toEqual([B, [[A, "lie"]]]);
    await light.head();
    expect(asked).toEqual([A, B, B]);
  });

  test("following leaves a node that lags", async () => {
    const world: World = { [A]: { [CERTIFICATE]: head.answer }, [B]: { [CERTIFICATE]: head.answer } };
    let pauses = 0;
    const pause = async () => {
      pauses += 1;
      // The other one goes on after a while.
      if (pauses === QUIET_LOOKS_MAX) world[B] = { [CERTIFICATE]: covered.answer };
    };
    const { light } = client(world, { pause });
    const heads: [number, string, string[]][] = [];
    for await (const { answer, node, faults } of light.follow()) {
      heads.push([answer.block.number, node, faults.map((fault) => `${fault.node} ${fault.kind}`)]);
      if (heads.length === 2) break;
    }
    expect(heads).toEqual([
      [41, A, []],
      [50, B, [`${A} behind`]],
    ]);
    expect(light.seen?.number).toBe(50);
  });

  test("where all fail each is named", async () => {
    const { light } = client({ [A]: { [CERTIFICATE]: broken }, [B]: {} });
    const error = await light.head().catch((e: unknown) => e);
    expect((error as NoAnswer).faults.map(({ kind }) => kind)).toEqual(["lie", "silent"]);
  });

  test("there is a key, and some nodes", () => {
    expect(() => new LightClient("0x11", [A])).toThrow("no network key");
    expect(() => new LightClient(networkKey, [])).toThrow("1 to 16");
    expect(() => new LightClient(networkKey, Array(17).fill(A))).toThrow("1 to 16");
  });
});

describe("the chain of parents", () => {
  const [second, third] = covered.answer.descendants as Hex[];
  const top = { ...covered.answer, header: third, descendants: [] };
  const batch = (headers: unknown[]) =>
    new Whole(JSON.stringify(headers.map((result, id) => ({ jsonrpc: "2.0", id, result }))));
  const walk = async (headers: unknown[]) => {
    const calls: unknown[] = [];
    const fetch = async (_: string, init: RequestInit) => {
      const body = JSON.parse(String(init.body));
      if (!Array.isArray(body)) return new Response(JSON.stringify({ result: top }));
      calls.push(...body.map(({ params }: Json) => params[0]));
      return new Response(batch(headers).body);
    };
    const light = new LightClient(networkKey, [A], { fetch });
    const { answer } = await light.head();
    const parents = await light.parents(answer, headers.length);
    return { numbers: parents.answer.map(({ block }) => block.number), calls };
  };

  test("is followed from a head downwards", async () => {
    const { numbers, calls } = await walk([second, covered.answer.header]);
    expect(numbers).toEqual([51, 50]);
    expect(calls).toEqual(["0x33", "0x32"]);
  });

  test("and a header that is of no parent is a lie", async () => {
    await expect(walk([covered.answer.header])).rejects.toThrow(/not of the parent of block/);
    await expect(walk([second, second])).rejects.toThrow(/not of the parent of block/);
    await expect(walk(["0x00"])).rejects.toThrow(NoAnswer);
  });
});
