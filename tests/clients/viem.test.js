import assert from "node:assert/strict";
import { before } from "node:test";
import {
  BaseError,
  ContractFunctionRevertedError,
  createPublicClient,
  createWalletClient,
  defineChain,
  encodeFunctionData,
  getContractAddress,
  http,
  keccak256,
  maxUint256,
  parseEther,
  parseEventLogs,
  toHex,
  webSocket,
  zeroHash,
} from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import * as shared from "./shared.js";

const flow = shared.flowsOf("viem");
const { Board, Clerk } = shared.contracts;
const { members, records } = shared.modules;
const recordsAbi = shared.abiOf("records");
const account = privateKeyToAccount(shared.keys[0]);
const other = privateKeyToAccount(shared.keys[1]);

let chain, reader, writer, second, board, clerk;

const clients = (transport) => ({
  reader: createPublicClient({ chain, transport, pollingInterval: 20, cacheTime: 0 }),
  writer: createWalletClient({ chain, transport, account }),
});
const close = async (socket) => (await socket.reader.transport.getRpcClient()).close();
const done = (hash, from = reader) => from.waitForTransactionReceipt({ hash, timeout: 30_000 });
const reasonOf = (error) => {
  assert.ok(error instanceof BaseError, String(error));
  const reverted = error.walk((e) => e instanceof ContractFunctionRevertedError);
  assert.ok(reverted, String(error));
  return reverted;
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
const deploy = async ({ abi, bytecode }) => {
  const receipt = await done(await writer.deployContract({ abi, bytecode }));
  assert.equal(receipt.status, "success");
  return { address: receipt.contractAddress, abi };
};

before(async () => {
  const { body } = await shared.raw({ jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] });
  chain = defineChain({
    id: Number(body.result),
    name: "Commonhold",
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [shared.url], webSocket: [shared.ws] } },
  });
  ({ reader, writer } = clients(http(shared.url)));
  second = createWalletClient({ chain, transport: http(shared.url), account: other });
  board = await deploy(Board);
  if (!shared.foreign) clerk = await deploy(Clerk);
});

flow("chain", async () => {
  assert.equal(await reader.getChainId(), chain.id);
  assert.match(await reader.request({ method: "web3_clientVersion" }), /\S/);
  assert.equal(await reader.request({ method: "eth_syncing" }), false);
  assert.equal(await reader.request({ method: "net_version" }), String(chain.id));
  assert.ok((await reader.getBlockNumber()) >= 1n);
});

flow("blocks", async () => {
  for (const blockTag of ["latest", "safe", "finalized", "pending", "earliest"]) {
    const block = await reader.getBlock({ blockTag });
    assert.equal(block.sha3Uncles.length, 66, blockTag);
    assert.ok(block.size > 0n, blockTag);
  }
  const head = await reader.getBlock();
  assert.deepEqual(await reader.getBlock({ blockNumber: head.number }), head);
  assert.deepEqual(await reader.getBlock({ blockHash: head.hash }), head);
  const full = await reader.getBlock({ blockHash: head.hash, includeTransactions: true });
  assert.deepEqual(full.transactions.map((tx) => tx.hash), head.transactions);
  const parent = await reader.getBlock({ blockHash: head.parentHash });
  assert.equal(parent.number, head.number - 1n);
  if (!shared.foreign) {
    const final = await reader.getBlock({ blockTag: "finalized" });
    assert.ok(final.number >= head.number, "latest is final");
  }
});

flow("unknown", async () => {
  const ask = (method, ...params) => reader.request({ method, params });
  assert.equal(await ask("eth_getTransactionReceipt", keccak256("0x01")), null);
  assert.equal(await ask("eth_getTransactionByHash", keccak256("0x01")), null);
  assert.equal(await ask("eth_getBlockByHash", keccak256("0x01"), false), null);
  assert.equal(await ask("eth_getBlockByNumber", "0xffffffff", false), null);
  await assert.rejects(reader.getTransactionReceipt({ hash: keccak256("0x01") }), {
    name: "TransactionReceiptNotFoundError",
  });
});

flow("fees", async () => {
  assert.ok((await reader.getGasPrice()) >= 0n);
  assert.ok((await reader.estimateMaxPriorityFeePerGas()) >= 0n);
  assert.ok((await reader.getBlobBaseFee()) >= 0n);
  const { maxFeePerGas } = await reader.estimateFeesPerGas();
  assert.ok(maxFeePerGas >= 0n);
  const history = await reader.getFeeHistory({ blockCount: 4, rewardPercentiles: [10, 90] });
  const count = history.gasUsedRatio.length;
  assert.ok(count >= 1 && count <= 4);
  assert.equal(history.baseFeePerGas.length, count + 1);
  assert.deepEqual(history.reward.map((row) => row.length), Array(count).fill(2));
});

flow("transfer", async () => {
  const gasPrice = (await reader.getGasPrice()) * 2n;
  const kinds = {
    legacy: { gasPrice },
    eip2930: { gasPrice, accessList: [{ address: board.address, storageKeys: [zeroHash] }] },
    eip1559: {},
  };
  for (const [type, extra] of Object.entries(kinds)) {
    const to = privateKeyToAccount(generatePrivateKey()).address;
    const hash = await second.sendTransaction({ type, to, value: 7n, ...extra });
    const receipt = await done(hash);
    assert.equal(receipt.status, "success");
    assert.equal(receipt.type, type);
    assert.equal(receipt.from, other.address.toLowerCase());
    assert.equal(await reader.getBalance({ address: to }), 7n);
    const tx = await reader.getTransaction({ hash });
    assert.equal(tx.blockHash, receipt.blockHash);
    const block = await reader.getBlock({ blockTag: "latest" });
    assert.ok(block.number >= receipt.blockNumber);
  }
  const count = (blockTag) => reader.getTransactionCount({ address: other.address, blockTag });
  assert.equal(await count("pending"), await count("latest"));
});

flow("receipts", async () => {
  const receipt = await done(await writer.sendTransaction({ to: other.address, value: 1n }));
  const block = await reader.getBlock({ blockHash: receipt.blockHash });
  const all = await reader.request({
    method: "eth_getBlockReceipts",
    params: [toHex(receipt.blockNumber)],
  });
  assert.deepEqual(all.map((r) => r.transactionHash), block.transactions);
  const { blockHash, transactionIndex: index } = receipt;
  const tx = await reader.getTransaction({ blockHash, index });
  assert.equal(tx.hash, receipt.transactionHash);
  const count = await reader.getBlockTransactionCount({ blockHash });
  assert.equal(count, block.transactions.length);
});

flow("deploy", async () => {
  const nonce = await reader.getTransactionCount({ address: account.address });
  const made = await deploy(Board);
  const expected = getContractAddress({ from: account.address, nonce: BigInt(nonce) });
  assert.equal(made.address, expected.toLowerCase());
  assert.match(await reader.getCode({ address: made.address }), /^0x60/);
  const founder = await reader.readContract({ ...made, functionName: "founder" });
  assert.equal(founder, account.address);
});

flow("call", async () => {
  const made = await deploy(Board);
  const call = { ...made, account, functionName: "write", args: ["hello"] };
  const { request, result } = await reader.simulateContract(call);
  assert.equal(result, 1n);
  const receipt = await done(await writer.writeContract(request));
  assert.equal(receipt.status, "success");
  const [event] = parseEventLogs({ abi: made.abi, logs: receipt.logs });
  assert.equal(event.eventName, "Written");
  assert.deepEqual(event.args, { author: account.address, line: 1n, text: "hello" });
  const text = await reader.readContract({ ...made, functionName: "text", args: [1n] });
  assert.equal(text, "hello");
  assert.equal(await reader.getStorageAt({ address: made.address, slot: "0x0" }), toHex(1, { size: 32 }));
  const blockNumber = receipt.blockNumber - 1n;
  const before = await reader.readContract({ ...made, functionName: "lines", blockNumber });
  assert.equal(before, 0n, "as it was a block before");
});

flow("overrides", async () => {
  const lines = await reader.readContract({
    ...board,
    functionName: "lines",
    stateOverride: [
      { address: board.address, stateDiff: [{ slot: zeroHash, value: toHex(99, { size: 32 }) }] },
    ],
  });
  assert.equal(lines, 99n);
  const { data } = await reader.call({
    to: other.address,
    stateOverride: [{ address: other.address, code: "0x4760005260206000f3", balance: 5n }],
  });
  assert.equal(data, toHex(5, { size: 32 }), "selfbalance");
});

flow("revert", async () => {
  const call = (functionName, ...args) => ({ ...board, account, functionName, args });
  for (const ask of ["simulateContract", "estimateContractGas"]) {
    const custom = reasonOf(await fails(reader[ask](call("erase", 77n))));
    assert.equal(custom.data.errorName, "Refused");
    assert.deepEqual(custom.data.args, [account.address, 77n]);
    const text = reasonOf(await fails(reader[ask](call("write", ""))));
    assert.equal(text.reason, "nothing to write");
    const panic = reasonOf(await fails(reader[ask](call("divide", 1n, 0n))));
    assert.equal(panic.data.errorName, "Panic");
    assert.deepEqual(panic.data.args, [0x12n]);
  }
  const { body } = await shared.raw({
    jsonrpc: "2.0",
    id: 1,
    method: "eth_call",
    params: [{ to: board.address, data: encodeFunctionData(call("erase", 1000n)) }, "latest"],
  });
  assert.equal(body.error.code, 3);
  assert.match(body.error.message, /execution reverted/);
  assert.match(body.error.data, /^0x[0-9a-f]{8}/);
});

flow("failed", async () => {
  const hash = await writer.writeContract({
    ...board,
    functionName: "erase",
    args: [maxUint256],
    gas: 100_000n,
  });
  const receipt = await done(hash);
  assert.equal(receipt.status, "reverted");
  assert.deepEqual(receipt.logs, []);
});

flow("logs", async () => {
  const made = await deploy(Board);
  const write = (text) => writer.writeContract({ ...made, functionName: "write", args: [text] });
  await done(await write("one"));
  const last = await done(await write("two"));
  const { address, abi } = made;
  const event = abi.find((item) => item.name === "Written");
  const texts = async (filter) =>
    (await reader.getLogs({ address, event, fromBlock: 0n, ...filter })).map((l) => l.args.text);
  assert.deepEqual(await texts({}), ["one", "two"]);
  assert.deepEqual(await texts({ args: { line: 2n } }), ["two"]);
  assert.deepEqual(await texts({ args: { line: [1n, 2n], author: account.address } }), ["one", "two"]);
  assert.deepEqual(await texts({ args: { author: other.address } }), []);
  assert.deepEqual(await texts({ fromBlock: last.blockNumber, toBlock: "latest" }), ["two"]);
  assert.deepEqual(await texts({ fromBlock: undefined, blockHash: last.blockHash }), ["two"]);
});

flow("subscriptions", async () => {
  const socket = clients(webSocket(shared.ws, { reconnect: false }));
  const made = await deploy(Board);
  const [heads, logs, pending] = [shared.inbox(), shared.inbox(), shared.inbox()];
  socket.reader.watchBlocks({ onBlock: (block) => heads.put(block) });
  socket.reader.watchContractEvent({ ...made, onLogs: (found) => logs.put(...found) });
  socket.reader.watchPendingTransactions({ onTransactions: (found) => pending.put(...found) });
  // A watcher does not tell when its subscription is in place: write until each has heard of it.
  const sent = [];
  await shared.until(async () => {
    const call = { ...made, functionName: "write", args: ["by wire"] };
    const receipt = await done(await socket.writer.writeContract(call), socket.reader);
    sent.push(receipt);
    return [heads, logs, pending].every((box) => box.items.length > 0);
  });
  const log = logs.items[0];
  assert.equal(log.eventName, "Written");
  assert.equal(log.args.text, "by wire");
  assert.equal(log.removed, false);
  assert.ok(sent.some((receipt) => receipt.transactionHash === log.transactionHash));
  const last = sent.at(-1);
  await heads.find((head) => head.number >= last.blockNumber);
  await pending.find((hash) => sent.some((receipt) => receipt.transactionHash === hash));
  await close(socket);
});

flow("filters", async () => {
  const made = await deploy(Board);
  const fromBlock = await reader.getBlockNumber();
  const events = await reader.createContractEventFilter({ ...made, eventName: "Written", fromBlock });
  const blocks = await reader.createBlockFilter();
  const pending = await reader.createPendingTransactionFilter();
  const hash = await writer.writeContract({ ...made, functionName: "write", args: ["polled"] });
  const receipt = await done(hash);
  const changes = (filter) => reader.getFilterChanges({ filter });
  const [polled] = await shared.until(async () => {
    const found = await changes(events);
    return found.length > 0 && found;
  });
  const [log] = await reader.getFilterLogs({ filter: events });
  assert.deepEqual(log, polled);
  assert.equal(log.args.text, "polled");
  assert.ok((await changes(blocks)).includes(receipt.blockHash));
  assert.ok((await changes(pending)).includes(hash));
  assert.deepEqual(await changes(events), []);
  assert.equal(await reader.uninstallFilter({ filter: events }), true);
  assert.equal(await reader.uninstallFilter({ filter: events }), false);
  const { status, body } = await shared.raw({
    jsonrpc: "2.0",
    id: 1,
    method: "eth_getFilterChanges",
    params: [events.id],
  });
  assert.equal(status, 200);
  assert.equal(body.error.code, -32000);
  assert.match(body.error.message, /filter not found/);
});

flow("sync", async () => {
  const receipt = await writer.sendTransactionSync({ to: other.address, value: 3n });
  assert.equal(receipt.status, "success");
  const again = await reader.getTransactionReceipt({ hash: receipt.transactionHash });
  assert.deepEqual(again, receipt);
});

flow("delegation", async () => {
  const person = privateKeyToAccount(generatePrivateKey());
  const signed = await second.signAuthorization({ account: person, contractAddress: board.address });
  const hash = await second.sendTransaction({
    authorizationList: [signed],
    to: person.address,
    data: encodeFunctionData({ ...board, functionName: "write", args: ["as myself"] }),
  });
  const receipt = await done(hash);
  assert.equal(receipt.status, "success");
  assert.equal(receipt.type, "eip7702");
  assert.equal(receipt.logs[0].address, person.address.toLowerCase());
  const code = await reader.getCode({ address: person.address });
  assert.equal(code, `0xef0100${board.address.slice(2)}`);
  const tx = await reader.getTransaction({ hash });
  assert.equal(tx.authorizationList.length, 1);
});

flow("access-list", async () => {
  const data = encodeFunctionData({ ...board, functionName: "write", args: ["listed"] });
  const made = await reader.createAccessList({ account, to: board.address, data });
  assert.ok(made.gasUsed > 21_000n);
  assert.equal(made.accessList[0].address, board.address);
  const { accessList } = made;
  const receipt = await done(await writer.sendTransaction({ to: board.address, data, accessList }));
  assert.equal(receipt.status, "success");
});

flow("simulate", async () => {
  const poor = privateKeyToAccount(generatePrivateKey()).address;
  const { address: to, abi } = board;
  const [block] = await reader.simulateBlocks({
    blocks: [
      {
        stateOverrides: [{ address: poor, balance: parseEther("1") }],
        calls: [
          { account: poor, to: other.address, value: parseEther("0.5") },
          { account: poor, to, abi, functionName: "write", args: ["imagined"] },
          { account: poor, to, abi, functionName: "erase", args: [maxUint256] },
        ],
      },
    ],
  });
  assert.deepEqual(block.calls.map((call) => call.status), ["success", "success", "failure"]);
  assert.equal(block.calls[1].logs.length, 1);
  assert.equal(await reader.getBalance({ address: poor }), 0n);
});

flow("batch", async () => {
  const transport = http(shared.url, { batch: { wait: 5 } });
  const batching = createPublicClient({ chain, transport, cacheTime: 0 });
  const address = account.address;
  const [id, number, balance, code] = await Promise.all([
    batching.getChainId(),
    batching.getBlockNumber(),
    batching.getBalance({ address }),
    batching.getCode({ address: board.address }),
  ]);
  assert.equal(id, chain.id);
  assert.ok(number > 0n && balance > 0n && code.length > 2);
  const { status, body } = await shared.raw([
    { jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] },
    { jsonrpc: "2.0", id: 2, method: "eth_noSuchThing", params: [] },
  ]);
  assert.equal(status, 200);
  assert.equal(body.length, 2);
  const byId = Object.fromEntries(body.map((answer) => [answer.id, answer]));
  assert.equal(Number(byId[1].result), chain.id);
  assert.equal(byId[2].error.code, -32601);
});

flow("refusals", async () => {
  for (const method of ["eth_noSuchThing", "anvil_nodeInfoo", "engine_getPayloadV1"]) {
    const { status, body } = await shared.raw({ jsonrpc: "2.0", id: 1, method, params: [] });
    assert.equal(status, 200, method);
    assert.equal(body.error.code, -32601, method);
  }
  const request = { to: other.address, value: 1n, gas: 21_000n, maxFeePerGas: 10n ** 11n, maxPriorityFeePerGas: 0n };
  const used = await account.signTransaction({ ...request, chainId: chain.id, nonce: 0 });
  const late = await fails(reader.sendRawTransaction({ serializedTransaction: used }));
  assert.match(late.details, /nonce too low/i);
  const nonce = await reader.getTransactionCount({ address: account.address });
  const strange = await account.signTransaction({ ...request, chainId: chain.id + 1, nonce });
  const away = await fails(reader.sendRawTransaction({ serializedTransaction: strange }));
  assert.match(away.details, /chain ?id/i);
  const broke = privateKeyToAccount(generatePrivateKey());
  const poor = await broke.signTransaction({ ...request, chainId: chain.id, nonce: 0 });
  const none = await fails(reader.sendRawTransaction({ serializedTransaction: poor }));
  assert.match(none.details, /insufficient funds/i);
  if (shared.foreign) return;
  const proof = await fails(reader.getProof({ address: board.address, storageKeys: [zeroHash] }));
  assert.match(proof.details, /commonhold_getStateProof/);
});

flow("trace", async () => {
  const made = await deploy(Board);
  const hash = await writer.writeContract({ ...made, functionName: "write", args: ["traced"] });
  await done(hash);
  const call = await reader.request({
    method: "debug_traceTransaction",
    params: [hash, { tracer: "callTracer" }],
  });
  assert.equal(call.type, "CALL");
  assert.equal(call.to, made.address);
  assert.equal(call.from, account.address.toLowerCase());
});

flow("anywhere", async () => {
  const elsewhere = createPublicClient({ chain, transport: http(shared.urls.at(-1)) });
  const hash = await writer.sendTransaction({ to: other.address, value: 1n });
  const here = await done(hash);
  const get = { method: "eth_getTransactionReceipt", params: [hash] };
  const there = await shared.until(() => elsewhere.request(get));
  assert.equal(there.blockHash, here.blockHash);
  const get2 = { blockHash: here.blockHash };
  assert.deepEqual(await elsewhere.getBlock(get2), await reader.getBlock(get2));
});

flow("members", async () => {
  const abi = shared.abiOf("members");
  const read = (functionName, ...args) =>
    reader.readContract({ address: members, abi, functionName, args });
  const count = await read("memberCount");
  const [page, total] = await read("members", 0n, 100n);
  assert.equal(total, count);
  assert.equal(page.length, Number(count));
  const same = await read("memberByKey", page[0].publicKey);
  assert.deepEqual(same, page[0]);
});

const registration = (contentHash) => ({
  salt: keccak256(generatePrivateKey()),
  contentHash,
  length: 100n,
  kind: "text/plain",
  sealedKeyHash: zeroHash,
  policy: "0x0000000000000000000000000000000000000000",
  custodian: "0x0000000000000000000000000000000000000000",
});

flow("record", async () => {
  const socket = clients(webSocket(shared.ws, { reconnect: false }));
  const logs = shared.inbox();
  const module = { address: records, abi: recordsAbi };
  const subscription = await socket.reader.transport.subscribe({
    params: ["logs", { address: records }],
    onData: ({ result }) => logs.put(...parseEventLogs({ abi: recordsAbi, logs: [result] })),
    onError: (error) => assert.fail(error),
  });
  const contentHash = keccak256(generatePrivateKey());
  const { request, result: id } = await reader.simulateContract({
    ...module,
    account,
    functionName: "register",
    args: [registration(contentHash)],
  });
  const receipt = await done(await writer.writeContract(request));
  assert.equal(receipt.status, "success");
  const log = await logs.find((found) => found.transactionHash === receipt.transactionHash);
  assert.equal(log.eventName, "Registered");
  assert.equal(log.args.id, id);
  const read = (functionName, ...args) => reader.readContract({ ...module, functionName, args });
  const record = await read("record", id);
  assert.equal(record.owner, account.address);
  assert.equal(record.contentHash, contentHash);
  assert.equal(record.registeredIn, receipt.blockNumber);
  assert.equal(await read("mayOpen", id, other.address, 0n), false);
  const grant = [id, other.address, 0n, 0n, 0, zeroHash];
  await done(await writer.writeContract({ ...module, functionName: "grant", args: grant }));
  assert.equal(await read("mayOpen", id, other.address, 0n), true);
  const revoke = [id, other.address];
  await done(await writer.writeContract({ ...module, functionName: "revoke", args: revoke }));
  assert.equal(await read("mayOpen", id, other.address, 0n), false);
  const [entries, total] = await read("log", id, 0n, 10n);
  assert.equal(total, 2n);
  assert.deepEqual(entries.map((entry) => entry.action), [0, 1]);
  assert.equal((await subscription.unsubscribe()).result, true);
  await close(socket);
});

flow("module-revert", async () => {
  const call = (functionName, args) => ({
    address: records,
    abi: recordsAbi,
    account,
    functionName,
    args,
  });
  const unknown = call("revoke", [keccak256("0x02"), other.address]);
  for (const ask of ["simulateContract", "estimateContractGas"]) {
    const reason = reasonOf(await fails(reader[ask](unknown)));
    assert.equal(reason.data.errorName, "UnknownRecord");
    assert.deepEqual(reason.data.args, [keccak256("0x02")]);
  }
  const empty = reasonOf(await fails(reader.simulateContract(call("register", [registration(zeroHash)]))));
  assert.equal(empty.data.errorName, "MissingContentHash");
  const receipt = await done(await writer.writeContract({ ...unknown, gas: 200_000n }));
  assert.equal(receipt.status, "reverted");
});

flow("atomic", async () => {
  const contentHash = keccak256(generatePrivateKey());
  const count = () => reader.readContract({ ...clerk, functionName: "count" });
  const was = await count();
  const call = (functionName) => ({ ...clerk, functionName, args: [contentHash] });
  const error = await fails(reader.simulateContract({ ...call("fileAndFail"), account }));
  assert.equal(reasonOf(error).data.errorName, "SecondThoughts");
  const failed = await done(await writer.writeContract({ ...call("fileAndFail"), gas: 1_000_000n }));
  assert.equal(failed.status, "reverted");
  assert.deepEqual(failed.logs, []);
  assert.equal(await count(), was);
  const caught = await done(await writer.writeContract({ ...call("fileAndForget"), gas: 1_000_000n }));
  assert.equal(caught.status, "success");
  const names = (receipt) => receipt.logs.map((log) => log.address);
  assert.deepEqual(names(caught), [clerk.address]);
  assert.equal(await count(), was);
  const registered = () =>
    reader.getContractEvents({
      address: records,
      abi: recordsAbi,
      eventName: "Registered",
      args: { owner: clerk.address },
      fromBlock: failed.blockNumber,
    });
  assert.deepEqual(await registered(), []);
  const kept = await done(await writer.writeContract(call("file")));
  assert.equal((await registered()).length, 1);
  assert.equal(kept.status, "success");
  assert.deepEqual(names(kept), [records.toLowerCase(), clerk.address]);
  assert.equal(await count(), was + 1n);
});

flow("no-delegate", async () => {
  const { result } = await reader.simulateContract({ ...clerk, account, functionName: "borrow" });
  assert.equal(result, false);
});
