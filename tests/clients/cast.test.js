import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { randomBytes } from "node:crypto";
import { before } from "node:test";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import * as shared from "./shared.js";

const flow = shared.flowsOf("cast", {
  filters: "cast does not poll",
  overrides: "viem and web3.py cover it",
  simulate: "cast has no verb for it",
});
const { Board, Clerk } = shared.contracts;
const { accounts, members, records } = shared.modules;
const [key, otherKey] = [shared.keys[6], shared.keys[7]];
const [me, other] = [
  "0x976EA74026E726554dB657fA54763abd0C3a0aa9",
  "0x14dC79964da2C08b23698B3D3cc7Ca32193d9955",
];
const REGISTRATION = "(bytes32,bytes32,uint64,string,bytes32,address,address)";
const ZERO = `0x${"0".repeat(64)}`;
const NOBODY = `0x${"0".repeat(40)}`;
const random = () => `0x${randomBytes(32).toString("hex")}`;

// The binary itself: its npm wrapper costs a start of Node.js for each call.
const binary = createRequire(import.meta.url).resolve("@foundry-rs/cast-linux-amd64/bin/cast");
const env = { ...process.env, ETH_RPC_URL: shared.url, NO_COLOR: "1", FOUNDRY_OFFLINE: "true" };
const run = promisify(execFile);
const cast = async (...args) => (await run(binary, args, { env })).stdout.trim();
const json = async (...args) => JSON.parse(await cast(...args, "--json"));
const fails = (...args) =>
  cast(...args).then(
    (out) => assert.fail(`succeeded: ${out}`),
    (error) => error.stderr,
  );
const send = (...args) => json("send", "--private-key", key, ...args);
const deploy = async ({ bytecode }) => {
  const receipt = await send("--create", bytecode);
  assert.equal(receipt.status, "0x1");
  return receipt.contractAddress;
};
const decoded = async (signature, stderr) => {
  assert.match(stderr, /error code 3: execution reverted/);
  const [, data] = stderr.match(/data: "(0x[0-9a-f]+)"/);
  return (await cast("decode-error", "--sig", signature, data)).split("\n");
};

let board, clerk;

before(async () => {
  board = await deploy(Board);
  if (!shared.foreign) clerk = await deploy(Clerk);
});

flow("chain", async () => {
  assert.equal(await cast("rpc", "net_version"), JSON.stringify(await cast("chain-id")));
  assert.match(await cast("client"), /\S/);
  assert.ok(Number(await cast("block-number")) >= 1);
});

flow("blocks", async () => {
  for (const tag of ["latest", "safe", "finalized", "pending", "earliest"]) {
    const block = await json("block", tag);
    assert.match(block.gasLimit, /^0x/, tag);
  }
  const head = await json("block", "latest");
  const number = String(Number(head.number));
  assert.equal(await cast("block", number, "--field", "hash"), head.hash);
  assert.equal(await cast("block", head.hash, "--field", "number"), number);
  assert.match(await cast("age", number), /\d/);
});

flow("unknown", async () => {
  assert.equal(await cast("rpc", "eth_getTransactionReceipt", random()), "null");
  assert.match(await fails("tx", random()), /not found/i);
  assert.match(await fails("block", random()), /not found/i);
});

flow("fees", async () => {
  assert.match(await cast("gas-price"), /^\d+$/);
  assert.match(await cast("base-fee"), /^\d+$/);
});

flow("transfer", async () => {
  const to = `0x${randomBytes(20).toString("hex")}`;
  const price = ["--gas-price", String(2n * BigInt(await cast("gas-price")))];
  const kinds = [
    ["0x0", "--legacy", ...price],
    ["0x2"],
  ];
  let value = 0;
  for (const [type, ...args] of kinds) {
    value += 5;
    const receipt = await send(to, "--value", "5", ...args);
    assert.equal(receipt.status, "0x1");
    assert.equal(receipt.type, type);
    assert.equal(await cast("balance", to), String(value));
    const tx = await json("tx", receipt.transactionHash);
    assert.equal(tx.blockHash, receipt.blockHash);
  }
});

flow("receipts", async () => {
  const receipt = await send(other, "--value", "1");
  const again = await json("receipt", receipt.transactionHash);
  assert.equal(again.blockHash, receipt.blockHash);
  const all = JSON.parse(await cast("rpc", "eth_getBlockReceipts", receipt.blockNumber));
  const block = await json("block", receipt.blockHash);
  assert.deepEqual(all.map((r) => r.transactionHash), block.transactions);
});

flow("deploy", async () => {
  const nonce = await cast("nonce", me);
  const made = await deploy(Board);
  const computed = await cast("compute-address", me, "--nonce", nonce);
  assert.equal(computed.split(/\s/).at(-1).toLowerCase(), made.toLowerCase());
  assert.match(await cast("code", made), /^0x60/);
  assert.equal(await cast("call", made, "founder()(address)"), me);
});

flow("call", async () => {
  const made = await deploy(Board);
  const receipt = await send(made, "write(string)", "hello");
  assert.equal(receipt.status, "0x1");
  assert.equal(await cast("call", made, "text(uint256)(string)", "1"), '"hello"');
  assert.equal(Number(await cast("storage", made, "0")), 1);
  const before = String(Number(receipt.blockNumber) - 1);
  assert.equal(await cast("call", made, "lines()(uint256)", "--block", before), "0");
});

flow("revert", async () => {
  const refused = "Refused(address,uint256)";
  for (const ask of ["call", "estimate"]) {
    const custom = await fails(ask, board, "erase(uint256)", "77", "--from", me);
    assert.deepEqual(await decoded(refused, custom), [me, "77"]);
    assert.match(await fails(ask, board, "write(string)", ""), /nothing to write/);
    const panic = await fails(ask, board, "divide(uint256,uint256)", "1", "0");
    assert.deepEqual(await decoded("Panic(uint256)", panic), ["18"]);
  }
  const sent = await fails("send", "--private-key", key, board, "erase(uint256)", "77");
  assert.match(sent, /execution reverted/);
});

flow("failed", async () => {
  const receipt = await send(board, "erase(uint256)", "77", "--gas-limit", "100000");
  assert.equal(receipt.status, "0x0");
  assert.deepEqual(receipt.logs, []);
});

flow("logs", async () => {
  const made = await deploy(Board);
  await send(made, "write(string)", "one");
  const last = await send(made, "write(string)", "two");
  const event = "Written(address indexed,uint256 indexed,string)";
  const logs = (...args) => json("logs", "--address", made, ...args);
  assert.equal((await logs("--from-block", "0", event)).length, 2);
  const [log, ...rest] = await logs("--from-block", "0", event, me, "2");
  assert.equal(log.transactionHash, last.transactionHash);
  assert.deepEqual(rest, []);
  assert.deepEqual(await logs("--from-block", "0", event, other), []);
});

/** Lines of `cast logs --subscribe`; ends with the test. */
const subscribe = (t, ...args) => {
  const child = spawn(binary, ["logs", "--subscribe", "--rpc-url", shared.ws, ...args], { env });
  t.after(() => child.kill());
  const lines = shared.inbox();
  createInterface({ input: child.stdout }).on("line", lines.put);
  return lines;
};

flow("subscriptions", async (t) => {
  const made = await deploy(Board);
  const lines = subscribe(t, "--address", made);
  const sent = [];
  // The subscriber does not tell when it is in place: write until it has heard.
  await shared.until(async () => {
    sent.push((await send(made, "write(string)", "by wire")).transactionHash);
    return lines.items.some((line) => line.includes("transactionHash"));
  });
  const line = await lines.find((item) => item.includes("transactionHash"));
  assert.ok(sent.includes(line.trim().split(/\s+/).at(-1)), line);
});

flow("sync", async () => {
  const receipt = await send("--sync", other, "--value", "3");
  assert.equal(receipt.status, "0x1");
});

flow("delegation", async () => {
  const person = random();
  const address = await cast("wallet", "address", "--private-key", person);
  const authorization = await cast("wallet", "sign-auth", board, "--private-key", person);
  const receipt = await send(address, "write(string)", "as myself", "--auth", authorization);
  assert.equal(receipt.status, "0x1");
  assert.equal(receipt.type, "0x4");
  assert.equal(await cast("code", address), `0xef0100${board.slice(2).toLowerCase()}`);
});

flow("access-list", async () => {
  const { accessList } = await json("access-list", board, "write(string)", "listed", "--from", me);
  assert.equal(accessList[0].address.toLowerCase(), board.toLowerCase());
  const list = ["--access-list", JSON.stringify(accessList)];
  const receipt = await send(board, "write(string)", "listed", ...list);
  assert.equal(receipt.status, "0x1");
});

flow("batch", async () => {
  const { status, body } = await shared.raw([
    { jsonrpc: "2.0", id: 7, method: "eth_chainId" },
    { jsonrpc: "2.0", id: 8, method: "eth_blockNumber" },
  ]);
  assert.equal(status, 200);
  assert.equal(Number(body.find((answer) => answer.id === 7).result), Number(await cast("chain-id")));
});

flow("refusals", async () => {
  assert.match(await fails("rpc", "anvil_noSuchThing"), /error code -32601/);
  const late = await fails("send", "--private-key", key, other, "--nonce", "0");
  assert.match(late, /nonce too low/i);
  if (shared.foreign) return;
  const proof = await fails("rpc", "eth_getProof", board, "[]", "latest");
  assert.match(proof, /commonhold_getStateProof/);
});

flow("trace", async () => {
  const receipt = await send(board, "write(string)", "traced");
  const tracer = '{"tracer":"callTracer"}';
  const call = JSON.parse(await cast("rpc", "debug_traceTransaction", receipt.transactionHash, tracer));
  assert.equal(call.type, "CALL");
  // cast executes it again from the state before it.
  assert.match(await cast("run", "--quick", receipt.transactionHash), /successfully executed/);
});

flow("anywhere", async () => {
  const receipt = await send(other, "--value", "1");
  const elsewhere = ["--rpc-url", shared.urls.at(-1)];
  const there = await json("receipt", receipt.transactionHash, ...elsewhere);
  assert.equal(there.blockHash, receipt.blockHash);
});

flow("members", async () => {
  const count = Number(await cast("call", members, "memberCount()(uint64)"));
  assert.ok(count >= 1);
  assert.equal(await cast("call", members, "isMember(address)(bool)", NOBODY), "false");
});

const registration = (hash) => `(${random()},${hash},100,text/plain,${ZERO},${NOBODY},${NOBODY})`;

flow("record", async (t) => {
  // The network is free: whoever has a key takes part.
  const person = random();
  const address = await cast("wallet", "address", "--private-key", person);
  const name = [accounts, "register(string,bytes32)", "Ada", random()];
  assert.equal((await json("send", "--private-key", person, ...name)).status, "0x1");
  assert.equal(await cast("call", accounts, "isRegistered(address)(bool)", address), "true");

  const lines = subscribe(t, "--address", records);
  let receipt, hash;
  await shared.until(async () => {
    hash = random();
    receipt = await send(records, `register(${REGISTRATION})`, registration(hash));
    assert.equal(receipt.status, "0x1", JSON.stringify(receipt));
    return lines.items.some((line) => line.includes("transactionHash"));
  });
  const id = receipt.logs[0].topics[1];
  const may = () => cast("call", records, "mayOpen(bytes32,address,uint64)(bool)", id, other, "0");
  assert.equal(await may(), "false");
  const grant = "grant(bytes32,address,uint64,uint64,uint32,bytes32)";
  assert.equal((await send(records, grant, id, other, "0", "0", "0", ZERO)).status, "0x1");
  assert.equal(await may(), "true");
  assert.equal((await send(records, "revoke(bytes32,address)", id, other)).status, "0x1");
  assert.equal(await may(), "false");
});

flow("module-revert", async () => {
  const id = random();
  for (const ask of ["call", "estimate"]) {
    const error = await fails(ask, records, "revoke(bytes32,address)", id, other, "--from", me);
    assert.deepEqual(await decoded("UnknownRecord(bytes32)", error), [id]);
  }
  const unknown = await fails("call", records, "noSuchFunction()");
  assert.match(unknown, /execution reverted/);
});

flow("atomic", async () => {
  const hash = random();
  const count = () => cast("call", clerk, "count()(uint64)");
  const was = await count();
  const error = await fails("call", clerk, "fileAndFail(bytes32)", hash);
  assert.equal((await decoded("SecondThoughts(bytes32)", error)).length, 1);
  const gas = ["--gas-limit", "1000000"];
  const failed = await send(clerk, "fileAndFail(bytes32)", hash, ...gas);
  assert.deepEqual([failed.status, failed.logs], ["0x0", []]);
  const caught = await send(clerk, "fileAndForget(bytes32)", hash, ...gas);
  assert.equal(caught.status, "0x1");
  assert.deepEqual(caught.logs.map((log) => log.address.toLowerCase()), [clerk.toLowerCase()]);
  assert.equal(await count(), was);
  const kept = await send(clerk, "file(bytes32)", hash);
  assert.equal(kept.logs.length, 2);
  assert.equal(await count(), String(Number(was) + 1));
});

flow("no-delegate", async () => {
  assert.equal(await cast("call", clerk, "borrow()(bool)"), "false");
});
