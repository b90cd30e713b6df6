// ERC-20, EIP-2612 and EIP-5267 as foreign programs know them, and a Solidity contract that settles:
// viem and ethers against the system module `token`. Whoever sends here has no ether.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { Wallet } from "ethers";
import {
  BaseError,
  ContractFunctionRevertedError,
  createPublicClient,
  createWalletClient,
  defineChain,
  domainSeparator,
  getAddress,
  http,
  maxUint256,
  parseEventLogs,
  parseSignature,
  parseUnits,
  toHex,
  zeroAddress,
  zeroHash,
} from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import * as shared from "./shared.js";

const address = shared.modules.token;
const abi = shared.abiOf("token");
const members = process.env.COMMONHOLD_MEMBER_KEYS.split(",").map(privateKeyToAccount);
const free = { maxFeePerGas: 0n, maxPriorityFeePerGas: 0n };
const ISSUED = 1;
const types = {
  Permit: [
    { name: "owner", type: "address" },
    { name: "spender", type: "address" },
    { name: "value", type: "uint256" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
};

let chain, reader, till, domain;

const person = () => privateKeyToAccount(generatePrivateKey());
const writer = (account) => createWalletClient({ chain, transport: http(shared.url), account });
const read = (functionName, ...args) => reader.readContract({ address, abi, functionName, args });
const balance = (account) => read("balanceOf", account.address ?? account);
const events = (receipt) => parseEventLogs({ abi, logs: receipt.logs }).map((log) => [log.eventName, log.args]);

/** Sends a call, of the module unless another contract is named; its receipt, whatever became of it. */
async function attempt(from, functionName, args, contract = { address, abi }) {
  const call = { ...contract, functionName, args, gas: 5_000_000n, ...free };
  const hash = await writer(from).writeContract(call);
  return reader.waitForTransactionReceipt({ hash, timeout: 100_000 });
}

async function send(...call) {
  const receipt = await attempt(...call);
  assert.equal(receipt.status, "success", call[1]);
  return receipt;
}

/** Checks that a call is refused with this error, when simulated and when sent, and that nothing of it stays. */
async function refused(from, functionName, args, errorName, errorArgs, contract = { address, abi }) {
  const call = { ...contract, account: from.address, functionName, args };
  const error = await reader.simulateContract(call).then(
    ({ result }) => assert.fail(`${functionName} gave ${result} instead of ${errorName}`),
    (error) => error,
  );
  assert.ok(error instanceof BaseError, String(error));
  const reverted = error.walk((e) => e instanceof ContractFunctionRevertedError);
  assert.equal(reverted?.data?.errorName, errorName, String(error));
  if (errorArgs) assert.deepEqual(reverted.data.args, errorArgs);
  const receipt = await attempt(from, functionName, args, contract);
  assert.equal(receipt.status, "reverted");
  assert.deepEqual(receipt.logs, []);
}

/** Has three members issue money to somebody new. */
async function rich(amount) {
  const someone = person();
  const [first, second, third] = members;
  const proposed = await send(first, "proposeIssue", [someone.address, amount, "for a test"]);
  const [[, { number }]] = events(proposed);
  await send(second, "approveIssue", [number]);
  const decided = await send(third, "approveIssue", [number]);
  assert.deepEqual(events(decided).slice(1), [
    ["IssueDecided", { number, state: ISSUED }],
    ["Transfer", { from: zeroAddress, to: someone.address, value: amount }],
  ]);
  return someone;
}

async function permitOf(owner, changes = {}, signedFor = domain) {
  const spender = changes.spender ?? till.address;
  const nonce = changes.nonce ?? (await read("nonces", owner.address));
  const message = { owner: owner.address, spender, value: 100n, deadline: maxUint256, ...changes, nonce };
  const by = changes.by ?? owner;
  const signature = await by.signTypedData({ domain: signedFor, types, primaryType: "Permit", message });
  const { r, s, yParity } = parseSignature(signature);
  return [message.owner, message.spender, message.value, message.deadline, 27 + yParity, r, s];
}

const check = (name, body) => test(`token: ${name}`, { timeout: 300_000 }, body);

before(async () => {
  const { body } = await shared.raw({ jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] });
  chain = defineChain({
    id: Number(body.result),
    name: "Commonhold",
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [shared.url] } },
  });
  reader = createPublicClient({ chain, transport: http(shared.url), pollingInterval: 20, cacheTime: 0 });
  const hash = await writer(person()).deployContract({ ...shared.contracts.Till, ...free });
  const { contractAddress } = await reader.waitForTransactionReceipt({ hash, timeout: 100_000 });
  const errors = abi.filter((item) => item.type === "error");
  till = { address: getAddress(contractAddress), abi: [...shared.contracts.Till.abi, ...errors] };
  const told = await reader.getEip712Domain({ address });
  assert.equal(told.fields, "0x0f", "there is no salt");
  const { name, version, chainId, verifyingContract } = told.domain;
  domain = { name, version, chainId, verifyingContract };
});

check("it introduces itself", async () => {
  assert.equal(await read("name"), "Commonhold Settlement");
  assert.equal(await read("symbol"), "CHS");
  assert.equal(await read("decimals"), 9);
  const verifyingContract = domain.verifyingContract.toLowerCase();
  const expected = { name: "Commonhold Settlement", version: "1", chainId: chain.id, verifyingContract };
  assert.deepEqual({ ...domain, verifyingContract }, expected);
  assert.equal(verifyingContract, address.toLowerCase());
  assert.equal(await read("DOMAIN_SEPARATOR"), domainSeparator({ domain: expected }));
});

check("members issue it, and nobody else", async () => {
  const stranger = person();
  const supply = await read("totalSupply");
  await refused(stranger, "proposeIssue", [stranger.address, 1n, "mine"], "NotMember", [stranger.address]);
  const [first, second] = members;
  const proposed = await send(first, "proposeIssue", [stranger.address, 5n, "one is not enough"]);
  const [[, { number }]] = events(proposed);
  await refused(stranger, "approveIssue", [number], "NotMember");
  await refused(first, "approveIssue", [number], "AlreadyVoted", [number, first.address]);
  await send(second, "approveIssue", [number]);
  assert.equal(await balance(stranger), 0n);
  const entry = await read("issue", number);
  assert.deepEqual([entry.approvals, entry.members, entry.state], [2, 4, 0]);
  await send(first, "withdrawIssue", [number]);
  await refused(members[2], "approveIssue", [number], "IssueIsOver", [number, 3]);
  assert.equal(await read("totalSupply"), supply);
});

check("transfer", async () => {
  const amount = parseUnits("12.5", 9);
  const anna = await rich(amount);
  const ben = person();
  const { result } = await reader.simulateContract({
    address,
    abi,
    account: anna.address,
    functionName: "transfer",
    args: [ben.address, 1n],
  });
  assert.equal(result, true);
  const receipt = await send(anna, "transfer", [ben.address, amount]);
  assert.deepEqual(events(receipt), [["Transfer", { from: anna.address, to: ben.address, value: amount }]]);
  assert.deepEqual([await balance(anna), await balance(ben)], [0n, amount]);
  await refused(anna, "transfer", [ben.address, 1n], "ERC20InsufficientBalance", [anna.address, 0n, 1n]);
  await refused(ben, "transfer", [anna.address, maxUint256], "ERC20InsufficientBalance");
  for (const nowhere of [zeroAddress, address]) {
    await refused(ben, "transfer", [nowhere, 0n], "ERC20InvalidReceiver");
  }
  // Nothing, and to oneself: both are transfers.
  for (const value of [0n, amount]) {
    const [event] = events(await send(ben, "transfer", [ben.address, value]));
    assert.deepEqual(event, ["Transfer", { from: ben.address, to: ben.address, value }]);
  }
  assert.equal(await balance(ben), amount);
});

check("approve and transferFrom", async () => {
  const [anna, ben, carla] = [await rich(100n), person(), person()];
  const approved = await send(anna, "approve", [ben.address, 40n]);
  assert.deepEqual(events(approved), [["Approval", { owner: anna.address, spender: ben.address, value: 40n }]]);
  const taken = await send(ben, "transferFrom", [anna.address, carla.address, 30n]);
  assert.deepEqual(events(taken), [["Transfer", { from: anna.address, to: carla.address, value: 30n }]]);
  assert.equal(await read("allowance", anna.address, ben.address), 10n);
  const more = [anna.address, carla.address, 11n];
  await refused(ben, "transferFrom", more, "ERC20InsufficientAllowance", [ben.address, 10n, 11n]);
  await refused(carla, "transferFrom", more, "ERC20InsufficientAllowance", [carla.address, 0n, 11n]);
  await refused(anna, "approve", [zeroAddress, 1n], "ERC20InvalidSpender", [zeroAddress]);
  await send(anna, "approve", [ben.address, maxUint256]);
  await refused(ben, "transferFrom", [anna.address, carla.address, 71n], "ERC20InsufficientBalance");
  await send(ben, "transferFrom", [anna.address, carla.address, 70n]);
  assert.equal(await read("allowance", anna.address, ben.address), maxUint256);
  assert.deepEqual([await balance(anna), await balance(carla)], [0n, 100n]);
});

check("permit", async () => {
  const [anna, ben, carla] = [await rich(1_000n), person(), person()];
  const spender = ben.address;
  const good = await permitOf(anna, { spender });
  const receipt = await send(carla, "permit", good);
  assert.deepEqual(events(receipt), [["Approval", { owner: anna.address, spender, value: 100n }]]);
  assert.equal(await read("nonces", anna.address), 1n);
  await send(ben, "transferFrom", [anna.address, carla.address, 100n]);
  await refused(carla, "permit", good, "ERC2612InvalidSigner");
  const now = (await reader.getBlock()).timestamp;
  const late = await permitOf(anna, { spender, deadline: now - 1n });
  await refused(carla, "permit", late, "ERC2612ExpiredSignature", [now - 1n]);
  const elsewhere = await permitOf(anna, { spender }, { ...domain, chainId: chain.id + 1 });
  await refused(carla, "permit", elsewhere, "ERC2612InvalidSigner");
  const contract = await permitOf(anna, { spender }, { ...domain, verifyingContract: till.address });
  await refused(carla, "permit", contract, "ERC2612InvalidSigner");
  const early = await permitOf(anna, { spender, nonce: 2n });
  await refused(carla, "permit", early, "ERC2612InvalidSigner");
  const forged = await permitOf(anna, { spender, by: ben });
  await refused(carla, "permit", forged, "ERC2612InvalidSigner", [ben.address, anna.address]);
  const next = await permitOf(anna, { spender });
  const richer = next.with(2, 101n);
  await refused(carla, "permit", richer, "ERC2612InvalidSigner");
  // The other signature that the curve allows.
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const twin = next.with(4, 55 - next[4]).with(6, toHex(order - BigInt(next[6]), { size: 32 }));
  await refused(carla, "permit", twin, "ERC2612InvalidSigner", [zeroAddress, anna.address]);
  await send(carla, "permit", next);
  assert.equal(await read("nonces", anna.address), 2n);
});

check("a permit that ethers signed", async () => {
  const wallet = Wallet.createRandom();
  const message = { owner: wallet.address, spender: till.address, value: 7n, nonce: 0n, deadline: maxUint256 };
  const signature = await wallet.signTypedData(domain, types, message);
  const { r, s, yParity } = parseSignature(signature);
  await send(person(), "permit", [wallet.address, till.address, 7n, maxUint256, 27 + yParity, r, s]);
  assert.equal(await read("allowance", wallet.address, till.address), 7n);
});

check("a contract moves it", async () => {
  const [anna, ben] = [await rich(100n), person()];
  await refused(anna, "pass", [ben.address, 60n], "ERC20InsufficientAllowance", undefined, till);
  await send(anna, "approve", [till.address, 60n]);
  const receipt = await send(anna, "pass", [ben.address, 60n], till);
  assert.deepEqual(events(receipt), [
    ["Transfer", { from: anna.address, to: till.address, value: 60n }],
    ["Transfer", { from: till.address, to: ben.address, value: 60n }],
  ]);
  assert.deepEqual([await balance(anna), await balance(till), await balance(ben)], [40n, 0n, 60n]);
  for (const functionName of ["borrow", "peek"]) {
    const { result } = await reader.simulateContract({ ...till, account: anna.address, functionName });
    assert.equal(result, false, functionName);
  }
});

check("a contract sets money aside and gives it out, or leaves nothing behind", async () => {
  const [anna, ben] = [await rich(200n), person()];
  const salt = toHex(BigInt(anna.address), { size: 32 });
  const [, , value, deadline, v, r, s] = await permitOf(anna);
  await send(anna, "depositWithPermit", [salt, value, deadline, v, r, s], till);
  const id = await read("escrowId", till.address, salt);
  const held = async () => (await read("escrow", id)).held;
  assert.deepEqual([await balance(anna), await held()], [100n, 100n]);
  for (const stranger of [anna, ben]) {
    await refused(stranger, "release", [id, ben.address, 1n], "NotController", [id, stranger.address]);
    await refused(stranger, "refund", [id, 1n], "MayNotRefund", [id, stranger.address]);
  }
  const call = [id, ben.address, 70n, 30n];
  await refused(ben, "settleAndFail", call, "SecondThoughts", [id], till);
  // The second step asks for too much: the first is undone with it.
  await refused(ben, "settle", [id, ben.address, 70n, 31n], "EscrowTooSmall", [id, 30n, 31n], till);
  const forgotten = await send(ben, "settleAndForget", call, till);
  assert.deepEqual(forgotten.logs.map((log) => log.address), [till.address.toLowerCase()]);
  assert.deepEqual([await balance(ben), await held()], [0n, 100n]);
  const settled = await send(ben, "settle", call, till);
  assert.deepEqual(
    events(settled).map(([name]) => name),
    ["Transfer", "Released", "Transfer", "Refunded"],
  );
  assert.deepEqual([await balance(anna), await balance(ben), await held()], [130n, 70n, 0n]);
  await send(anna, "approve", [till.address, 50n]);
  await send(anna, "atOnce", [zeroHash, ben.address, 20n, 30n], till);
  assert.deepEqual([await balance(anna), await balance(ben)], [110n, 90n]);
});

check("one split pays sixty-four strangers", async () => {
  const anna = await rich(64n);
  await send(anna, "hold", [zeroHash, anna.address, anna.address, 64n, 0n]);
  const id = await read("escrowId", anna.address, zeroHash);
  const shares = Array.from({ length: 64 }, () => ({ to: person().address, amount: 1n }));
  const receipt = await send(anna, "split", [id, shares]);
  assert.equal(events(receipt).length, 128);
  for (const { to } of [shares[0], shares[63]]) assert.equal(await balance(to), 1n);
});

check("whoever adds up the events knows every balance", async () => {
  const latest = await reader.getBlock();
  const at = { blockNumber: latest.number };
  const logs = await reader.getContractEvents({
    address,
    abi,
    eventName: "Transfer",
    fromBlock: 0n,
    toBlock: latest.number,
  });
  const sums = new Map();
  for (const { args } of logs) {
    sums.set(args.from, (sums.get(args.from) ?? 0n) - args.value);
    sums.set(args.to, (sums.get(args.to) ?? 0n) + args.value);
  }
  const call = (functionName, ...args) => reader.readContract({ address, abi, functionName, args, ...at });
  assert.equal(await call("totalSupply"), -(sums.get(zeroAddress) ?? 0n));
  sums.delete(zeroAddress);
  assert.ok(sums.size > 2);
  for (const [account, sum] of sums) assert.equal(await call("balanceOf", account), sum);
});
