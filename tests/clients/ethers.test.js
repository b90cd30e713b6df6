import assert from "node:assert/strict";
import { after, before } from "node:test";
import {
  Contract,
  ContractFactory,
  Interface,
  JsonRpcProvider,
  Wallet,
  WebSocketProvider,
  ZeroAddress,
  ZeroHash,
  getCreateAddress,
  id as hashOf,
  isError,
  keccak256,
  toBeHex,
} from "ethers";
import * as shared from "./shared.js";

const flow = shared.flowsOf("ethers", {
  overrides: "ethers has no parameter for it",
  sync: "ethers has no call for it",
  simulate: "ethers has no call for it",
});
const { Board, Clerk } = shared.contracts;
const { accounts, members, records } = shared.modules;
const recordsAbi = shared.abiOf("records");

// ethers sends batches unless told otherwise.
const connect = (url) => new JsonRpcProvider(url, undefined, { cacheTimeout: -1, pollingInterval: 20 });
const provider = connect(shared.url);
const wallet = new Wallet(shared.keys[2], provider);
const other = new Wallet(shared.keys[3], provider);
after(() => provider.destroy());

let board, clerk;

const deploy = async ({ abi, bytecode }) => {
  const contract = await new ContractFactory(abi, bytecode, wallet).deploy();
  return contract.waitForDeployment();
};
const fails = async (call) => {
  let answer;
  try {
    answer = await call;
  } catch (error) {
    return error;
  }
  return assert.fail(`succeeded: ${answer}`);
};
const revert = async (call) => {
  const error = await fails(call);
  assert.ok(isError(error, "CALL_EXCEPTION"), String(error));
  return error;
};

before(async () => {
  board = await deploy(Board);
  if (!shared.foreign) clerk = await deploy(Clerk);
});

flow("chain", async () => {
  const network = await provider.getNetwork();
  assert.equal(BigInt(await provider.send("eth_chainId", [])), network.chainId);
  assert.equal(await provider.send("net_version", []), String(network.chainId));
  assert.match(await provider.send("web3_clientVersion", []), /\S/);
  assert.ok((await provider.getBlockNumber()) >= 1);
});

flow("blocks", async () => {
  for (const tag of ["latest", "safe", "finalized", "pending", "earliest"]) {
    const block = await provider.getBlock(tag);
    assert.ok(block.gasLimit > 0n, tag);
  }
  const head = await provider.getBlock("latest");
  assert.equal((await provider.getBlock(head.number)).hash, head.hash);
  assert.equal((await provider.getBlock(head.hash, true)).number, head.number);
  assert.equal((await provider.getBlock(head.parentHash)).number, head.number - 1);
});

flow("unknown", async () => {
  assert.equal(await provider.getTransactionReceipt(hashOf("?")), null);
  assert.equal(await provider.getTransaction(hashOf("?")), null);
  assert.equal(await provider.getBlock(hashOf("?")), null);
  assert.equal(await provider.getBlock(0xffff_ffff), null);
});

flow("fees", async () => {
  const fees = await provider.getFeeData();
  assert.ok(fees.gasPrice >= 0n && fees.maxFeePerGas >= 0n && fees.maxPriorityFeePerGas >= 0n);
  const history = await provider.send("eth_feeHistory", ["0x2", "latest", [50]]);
  assert.equal(history.baseFeePerGas.length, history.gasUsedRatio.length + 1);
});

flow("transfer", async () => {
  const gasPrice = (await provider.getFeeData()).gasPrice * 2n;
  const kinds = [
    { type: 0, gasPrice },
    { type: 1, gasPrice, accessList: [[await board.getAddress(), [ZeroHash]]] },
    { type: 2 },
  ];
  for (const kind of kinds) {
    const to = Wallet.createRandom().address;
    const sent = await other.sendTransaction({ ...kind, to, value: 9n });
    const receipt = await sent.wait();
    assert.equal(receipt.status, 1);
    assert.equal(receipt.type, kind.type);
    assert.equal(await provider.getBalance(to), 9n);
    const tx = await provider.getTransaction(sent.hash);
    assert.equal(tx.blockHash, receipt.blockHash);
    assert.equal(tx.from, other.address);
  }
});

flow("receipts", async () => {
  const receipt = await (await wallet.sendTransaction({ to: other.address, value: 1n })).wait();
  const block = await receipt.getBlock();
  const all = await provider.send("eth_getBlockReceipts", [toBeHex(receipt.blockNumber)]);
  assert.deepEqual(all.map((r) => r.transactionHash), [...block.transactions]);
  assert.equal((await block.getTransaction(receipt.index)).hash, receipt.hash);
});

flow("deploy", async () => {
  const nonce = await provider.getTransactionCount(wallet.address);
  const made = await deploy(Board);
  assert.equal(await made.getAddress(), getCreateAddress({ from: wallet.address, nonce }));
  assert.match(await made.getDeployedCode(), /^0x60/);
  assert.equal(await made.founder(), wallet.address);
});

flow("call", async () => {
  const made = await deploy(Board);
  assert.equal(await made.write.staticCall("hello"), 1n);
  const receipt = await (await made.write("hello")).wait();
  assert.equal(receipt.status, 1);
  assert.equal(receipt.logs[0].eventName, "Written");
  assert.deepEqual(receipt.logs[0].args.toArray(), [wallet.address, 1n, "hello"]);
  assert.equal(await made.text(1n), "hello");
  assert.equal(BigInt(await provider.getStorage(await made.getAddress(), 0n)), 1n);
  const blockTag = receipt.blockNumber - 1;
  assert.equal(await made.lines({ blockTag }), 0n, "as it was a block before");
});

flow("revert", async () => {
  for (const ask of ["staticCall", "estimateGas"]) {
    const custom = await revert(board.erase[ask](77n));
    assert.equal(board.interface.parseError(custom.data).name, "Refused");
    if (ask === "staticCall") assert.deepEqual([...custom.revert.args], [wallet.address, 77n]);
    const text = await revert(board.write[ask](""));
    assert.equal(text.reason, "nothing to write");
    const panic = await revert(board.divide[ask](1n, 0n));
    assert.match(panic.reason, /DIVIDE_BY_ZERO/);
  }
});

flow("failed", async () => {
  const sent = await board.erase(10n ** 30n, { gasLimit: 100_000n });
  const error = await revert(sent.wait());
  assert.equal(error.receipt.status, 0);
  assert.deepEqual(error.receipt.logs, []);
});

flow("logs", async () => {
  const made = await deploy(Board);
  await (await made.write("one")).wait();
  const last = await (await made.write("two")).wait();
  const texts = async (filter, ...range) =>
    (await made.queryFilter(filter, ...range)).map((log) => log.args.text);
  const { Written } = made.filters;
  assert.deepEqual(await texts(Written()), ["one", "two"]);
  assert.deepEqual(await texts(Written(null, 2n)), ["two"]);
  assert.deepEqual(await texts(Written(wallet.address, [1n, 2n])), ["one", "two"]);
  assert.deepEqual(await texts(Written(other.address)), []);
  assert.deepEqual(await texts(Written(), last.blockNumber), ["two"]);
  const { blockHash } = last;
  const topics = [last.logs[0].topics[0]];
  const inBlock = await provider.getLogs({ address: await made.getAddress(), blockHash, topics });
  assert.deepEqual(inBlock.map((log) => log.transactionHash), [last.hash]);
});

flow("subscriptions", async () => {
  const socket = new WebSocketProvider(shared.ws);
  const made = (await deploy(Board)).connect(new Wallet(shared.keys[2], socket));
  const [heads, logs, pending] = [shared.inbox(), shared.inbox(), shared.inbox()];
  await socket.on("block", heads.put);
  await socket.on("pending", pending.put);
  await made.on("Written", (author, line, text, { log }) => logs.put({ author, text, log }));
  // `on` does not tell when its subscription is in place: write until each has heard of it.
  const sent = [];
  await shared.until(async () => {
    sent.push(await (await made.write("by wire")).wait());
    return [heads, logs, pending].every((box) => box.items.length > 0);
  });
  const { author, text, log } = logs.items[0];
  assert.deepEqual([author, text], [wallet.address, "by wire"]);
  assert.ok(sent.some((receipt) => receipt.hash === log.transactionHash));
  await heads.find((number) => number >= sent.at(-1).blockNumber);
  await pending.find((hash) => sent.some((receipt) => receipt.hash === hash));
  await socket.destroy();
});

flow("filters", async () => {
  const polling = connect(shared.url);
  const [heads, logs, pending] = [shared.inbox(), shared.inbox(), shared.inbox()];
  const made = (await deploy(Board)).connect(new Wallet(shared.keys[2], polling));
  await polling.on("block", heads.put);
  await polling.on("pending", pending.put);
  await made.on("Written", (...event) => logs.put(event));
  const sent = [];
  await shared.until(async () => {
    sent.push(await (await made.write("polled")).wait());
    return [heads, logs, pending].every((box) => box.items.length > 0);
  });
  assert.equal(logs.items[0][2], "polled");
  await made.removeAllListeners();
  await polling.removeAllListeners();
  const error = await fails(provider.send("eth_getFilterChanges", ["0xffffffffff"]));
  assert.equal(error.error.code, -32000);
});

flow("delegation", async () => {
  const person = Wallet.createRandom(provider);
  const address = await board.getAddress();
  const authorization = await person.authorize({ address, nonce: 0 });
  const data = board.interface.encodeFunctionData("write", ["as myself"]);
  const sent = await other.sendTransaction({
    type: 4,
    to: person.address,
    data,
    authorizationList: [authorization],
  });
  const receipt = await sent.wait();
  assert.equal(receipt.status, 1);
  assert.equal(receipt.type, 4);
  assert.equal(receipt.logs[0].address, person.address);
  assert.equal(await provider.getCode(person.address), `0xef0100${address.slice(2).toLowerCase()}`);
});

flow("access-list", async () => {
  const call = { from: wallet.address, ...(await board.write.populateTransaction("listed")) };
  const { accessList } = await provider.send("eth_createAccessList", [call]);
  assert.equal(accessList[0].address, call.to.toLowerCase());
  // Without a type, ethers takes a base fee of zero for none, and the transaction for a legacy one.
  const sent = await wallet.sendTransaction({ ...call, type: 2, accessList });
  const receipt = await sent.wait();
  assert.equal(receipt.status, 1);
});

flow("batch", async () => {
  const asked = [];
  const watch = (event) => {
    if (event.action === "sendRpcPayload") asked.push(event.payload);
  };
  await provider.on("debug", watch);
  const [balance, code, count, nothing] = await Promise.all([
    provider.getBalance(wallet.address),
    board.getDeployedCode(),
    provider.getTransactionCount(wallet.address),
    fails(provider.send("eth_noSuchThing", [])),
  ]);
  await provider.off("debug", watch);
  assert.ok(asked.some((payload) => Array.isArray(payload) && payload.length > 2));
  assert.ok(balance > 0n && code.length > 2 && count > 0);
  assert.equal(nothing.error.code, -32601);
});

flow("refusals", async () => {
  const { chainId } = await provider.getNetwork();
  const request = { type: 2, to: other.address, value: 1n, gasLimit: 21_000n, maxFeePerGas: 10n ** 11n, maxPriorityFeePerGas: 0n };
  const send = async (signer, extra) =>
    fails(provider.broadcastTransaction(await signer.signTransaction({ ...request, chainId, ...extra })));
  const late = await send(wallet, { nonce: 0 });
  assert.ok(isError(late, "NONCE_EXPIRED"), String(late));
  const poor = await send(Wallet.createRandom(), { nonce: 0 });
  assert.ok(isError(poor, "INSUFFICIENT_FUNDS"), String(poor));
  const nonce = await provider.getTransactionCount(wallet.address);
  const away = await send(wallet, { nonce, chainId: chainId + 1n });
  assert.match(away.error?.message ?? away.info.error.message, /chain ?id/i);
});

flow("trace", async () => {
  const receipt = await (await board.write("traced")).wait();
  const trace = ["debug_traceTransaction", [receipt.hash, { tracer: "callTracer" }]];
  const call = await provider.send(...trace);
  assert.equal(call.type, "CALL");
  assert.equal(call.from, wallet.address.toLowerCase());
});

flow("anywhere", async () => {
  const elsewhere = connect(shared.urls.at(-1));
  const receipt = await (await wallet.sendTransaction({ to: other.address, value: 1n })).wait();
  const same = await shared.until(() => elsewhere.getTransactionReceipt(receipt.hash));
  assert.equal(same.blockHash, receipt.blockHash);
  assert.equal((await elsewhere.getBlock(same.blockHash)).stateRoot, (await receipt.getBlock()).stateRoot);
  elsewhere.destroy();
});

flow("members", async () => {
  const module = new Contract(members, shared.abiOf("members"), provider);
  const count = await module.memberCount();
  const { page, total } = await module.members(0n, 100n);
  assert.equal(total, count);
  assert.equal(BigInt(page.length), count);
  assert.equal((await module.memberByAccount(page[0].account)).publicKey, page[0].publicKey);
  assert.equal(await module.isMember(Wallet.createRandom().address), false);
});

const registration = (contentHash) => ({
  salt: keccak256(Wallet.createRandom().privateKey),
  contentHash,
  length: 100n,
  kind: "text/plain",
  sealedKeyHash: ZeroHash,
  policy: ZeroAddress,
  custodian: ZeroAddress,
});

flow("record", async () => {
  // The network is free: whoever has a key takes part.
  const person = Wallet.createRandom(provider);
  const directory = new Contract(accounts, shared.abiOf("accounts"), person);
  const key = keccak256(person.privateKey);
  assert.equal((await (await directory.register("Ada", key)).wait()).status, 1);
  assert.deepEqual([...(await directory.encryptionKey(person.address))], [key, 1n]);

  const socket = new WebSocketProvider(shared.ws);
  const module = new Contract(records, recordsAbi, wallet);
  const logs = shared.inbox();
  const heard = new Contract(records, recordsAbi, socket);
  await heard.on("Registered", (...event) => logs.put(event));
  let record;
  await shared.until(async () => {
    record = registration(keccak256(Wallet.createRandom().privateKey));
    assert.equal((await (await module.register(record)).wait()).status, 1);
    return logs.items.length > 0;
  });
  const id = await module.idOf(wallet.address, record.contentHash, record.salt);
  const entry = await module.getFunction("record")(id);
  assert.equal(entry.owner, wallet.address);
  assert.equal(entry.contentHash, record.contentHash);
  const grant = await (await module.grant(id, person.address, 0n, 0n, 0, ZeroHash)).wait();
  assert.equal(grant.logs[0].eventName, "Granted");
  assert.equal(await module.mayOpen(id, person.address, 0n), true);
  await (await module.connect(person).declareOpened(id, hashOf("to read it"))).wait();
  await (await module.revoke(id, person.address)).wait();
  assert.equal(await module.access(id, person.address, 0n), 4n);
  const { page, total } = await module.log(id, 0n, 10n);
  assert.equal(total, 3n);
  assert.deepEqual(page.map((step) => step.action), [0n, 3n, 1n]);
  await socket.destroy();
});

flow("module-revert", async () => {
  const module = new Contract(records, recordsAbi, wallet);
  for (const ask of ["staticCall", "estimateGas"]) {
    const unknown = await revert(module.revoke[ask](hashOf("?"), other.address));
    const { name, args } = new Interface(recordsAbi).parseError(unknown.data);
    assert.equal(name, "UnknownRecord");
    assert.deepEqual([...args], [hashOf("?")]);
  }
  const empty = await revert(module.register.staticCall(registration(ZeroHash)));
  assert.equal(empty.revert.name, "MissingContentHash");
});

flow("atomic", async () => {
  const contentHash = keccak256(Wallet.createRandom().privateKey);
  const was = await clerk.count();
  const gasLimit = 1_000_000n;
  const refused = await revert(clerk.fileAndFail.staticCall(contentHash));
  assert.equal(refused.revert.name, "SecondThoughts");
  const { receipt } = await revert((await clerk.fileAndFail(contentHash, { gasLimit })).wait());
  assert.deepEqual([receipt.status, receipt.logs.length], [0, 0]);
  const caught = await (await clerk.fileAndForget(contentHash, { gasLimit })).wait();
  assert.deepEqual(caught.logs.map((log) => log.eventName), ["Dropped"]);
  assert.equal(await clerk.count(), was);
  const module = new Contract(records, recordsAbi, provider);
  const registered = async () =>
    (await module.queryFilter(module.filters.Registered(null, await clerk.getAddress()), receipt.blockNumber)).length;
  assert.equal(await registered(), 0);
  const kept = await (await clerk.file(contentHash)).wait();
  assert.equal(await registered(), 1);
  assert.deepEqual(kept.logs.map((log) => log.address), [records, await clerk.getAddress()]);
  assert.equal(await clerk.count(), was + 1n);
});

flow("no-delegate", async () => {
  assert.equal(await clerk.borrow.staticCall(), false);
});
