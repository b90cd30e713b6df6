// Puts on the ledger what the pages are to show, by viem with the network's development accounts.
import {
  createPublicClient,
  createWalletClient,
  defineChain,
  encodeDeployData,
  http,
  keccak256,
  parseAbi,
  stringToHex,
  toEventSelector,
  zeroAddress,
  zeroHash,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { hostile } from "./hostile.js";

export const boardAbi = parseAbi(["function say(string text)", "event Said(string text)"]);

/** A contract that tells `Said(text)` of whatever text it is called with, by hand: no compiler is needed. */
const board = `0x603080600b6000396000f3600436038060046000377f${toEventSelector(boardAbi[1]).slice(2)}906000a100`;

export async function fill(up) {
  const url = up.members[0].url;
  const chain = defineChain({
    id: up.chainId,
    name: "Commonhold",
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [url] } },
  });
  const transport = http(url);
  const reader = createPublicClient({ chain, transport, pollingInterval: 50, cacheTime: 0 });
  const wallet = (key) => createWalletClient({ chain, transport, account: privateKeyToAccount(key) });
  const modules = new Map((await (await fetch(`${url}/api/modules`)).json()).map((m) => [m.name, m]));
  const done = (hash) => reader.waitForTransactionReceipt({ hash });
  const call = (who, module, functionName, args, more = {}) => {
    const { address, abi } = modules.get(module);
    return who.writeContract({ address, abi, functionName, args, ...more }).then(done);
  };
  // The first account owns a sample already.
  const [alice, bob, mallory] = up.accounts.slice(2, 5).map((account) => wallet(account.privateKey));
  const clinic = wallet(up.keys[0]);
  await Promise.all([
    call(alice, "accounts", "register", ["Alice Example", keccak256("0x0a")]),
    call(bob, "accounts", "register", ["Боб 医師", keccak256("0x0b")]),
    call(mallory, "accounts", "register", [hostile.name, keccak256("0x0c")]),
    call(clinic, "token", "proposeIssue", [alice.account.address, 10n ** 12n, "paid in, statement 17"]),
  ]);
  await call(alice, "accounts", "claimHandle", ["alice.example"]);
  for (const who of [bob, mallory]) {
    const role = stringToHex("clinician", { size: 32 });
    await call(clinic, "accounts", "attest", [0n, who.account.address, role, 0n, 0n, zeroHash]);
  }
  // Somebody with a hostile name asks a patient for lab results.
  const { timestamp } = await reader.getBlock();
  const until = timestamp + 86_400n;
  const ask = { study: 0n, purpose: 3, classes: 1 << 5, until, uses: 0, reason: zeroHash };
  const anna = up.people.find(({ name }) => name === "Anna").address;
  await call(mallory, "health", "request", [ask, [anna]]);
  const registration = (salt) => ({
    salt,
    contentHash: keccak256(salt),
    length: 5_044n,
    kind: "application/fhir+json",
    sealedKeyHash: zeroHash,
    policy: zeroAddress,
    custodian: zeroAddress,
  });
  const salts = Array.from({ length: 30 }, (_, at) =>
    keccak256(`0x${(at + 1).toString(16).padStart(2, "0")}`),
  );
  const nonce = await reader.getTransactionCount({ address: alice.account.address });
  // Many at once, so that a block holds several and their tries have branches.
  const registered = await Promise.all(
    salts.map((salt, at) =>
      call(alice, "records", "register", [registration(salt)], { nonce: nonce + at, gas: 1_000_000n }),
    ),
  );
  const { address: records, abi } = modules.get("records");
  const record = await reader.readContract({
    address: records,
    abi,
    functionName: "idOf",
    args: [alice.account.address, keccak256(salts[0]), salts[0]],
  });
  await call(alice, "records", "grant", [record, bob.account.address, 0n, 0n, 3, zeroHash]);
  await call(
    bob,
    "records",
    "requestOpening",
    [record, stringToHex("TREAT", { size: 32 }), keccak256("0x0c")],
    { gas: 1_000_000n },
  );
  const failed = await call(bob, "records", "erase", [record], { gas: 1_000_000n });
  const deployed = await done(
    await alice.sendTransaction({ data: encodeDeployData({ abi: [], bytecode: board }) }),
  );
  const contract = deployed.contractAddress;
  const said = {};
  for (const [name, text] of Object.entries(hostile)) {
    const receipt = await done(
      await bob.writeContract({ address: contract, abi: boardAbi, functionName: "say", args: [text] }),
    );
    said[name] = receipt.transactionHash;
  }
  // Two of four members are for it, so that it stays open.
  const [, second] = up.keys.map(wallet);
  await call(clinic, "members", "proposeParameter", [0, 1_209_600n, hostile.script.slice(0, 200)]);
  const proposal = await reader.readContract({
    ...modules.get("members"),
    functionName: "proposals",
    args: [0n, 100n],
  });
  const newest = proposal[0].at(-1).id;
  await call(second, "members", "vote", [newest, true, "two weeks are better"]);
  const sent = await done(await alice.sendTransaction({ to: bob.account.address, value: 10n ** 17n }));
  return {
    alice: alice.account.address,
    bob: bob.account.address,
    clinic: clinic.account.address,
    record,
    registered: registered[20].transactionHash,
    block: Number(registered[20].blockNumber),
    failed: failed.transactionHash,
    created: deployed.transactionHash,
    sent: sent.transactionHash,
    contract,
    said,
    mallory: mallory.account.address,
    proposal: String(newest),
  };
}
