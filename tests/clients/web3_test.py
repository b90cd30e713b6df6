"""web3.py against a running network: the flows of flows.json. Prints one line per flow and a summary."""

import asyncio
import json
import os
import re
import secrets
import sys
import unittest
from pathlib import Path

from eth_abi import decode
from eth_account import Account
from web3 import AsyncWeb3, HTTPProvider, Web3, WebSocketProvider
from web3.exceptions import (
    BlockNotFound,
    ContractCustomError,
    ContractLogicError,
    ContractPanicError,
    MethodUnavailable,
    TransactionNotFound,
    Web3RPCError,
)

HERE = Path(__file__).parent
SHARED = json.loads((HERE / "flows.json").read_text())
URLS = os.environ.get("COMMONHOLD_RPC", "http://localhost:8545").split(",")
SOCKET = re.sub("^http", "ws", URLS[0])
FOREIGN = os.environ.get("COMMONHOLD_FOREIGN") == "1"
CONTRACTS = json.loads(Path(os.environ["COMMONHOLD_CONTRACTS"]).read_text())
BOARD, CLERK = CONTRACTS["Board"], CONTRACTS["Clerk"]
MODULES = SHARED["modules"]
ME, OTHER = (Account.from_key(SHARED["keys"][i]) for i in (4, 5))
NOBODY = "0x" + "0" * 40
ZERO = bytes(32)

# What web3.py has no call for.
EXCUSED = {"sync", "batch"}


def connect(url):
    w3 = Web3(HTTPProvider(url))
    w3.eth.default_account = ME.address
    return w3


def abi_of(module):
    path = HERE / f"../../crates/system/tests/golden/{module}/abi.json"
    return json.loads(path.read_text())


W3 = connect(URLS[0])
CHAIN = W3.eth.chain_id


def receipt_of(tx_hash):
    return W3.eth.wait_for_transaction_receipt(tx_hash, timeout=30, poll_latency=0.02)


def send(signer, transaction, w3=W3):
    """Fills, signs and sends; the hash."""
    transaction = {"from": signer.address, "chainId": CHAIN, **transaction}
    transaction.setdefault("nonce", w3.eth.get_transaction_count(signer.address, "pending"))
    if "gasPrice" not in transaction:
        price = w3.eth.gas_price * 2
        transaction.setdefault("maxFeePerGas", price)
        transaction.setdefault("maxPriorityFeePerGas", min(price, w3.eth.max_priority_fee))
    if "gas" not in transaction:
        transaction["gas"] = w3.eth.estimate_gas(transaction)
    return w3.eth.send_raw_transaction(signer.sign_transaction(transaction).raw_transaction)


def transact(function, signer=ME, **extra):
    call = function.build_transaction(
        {"from": signer.address, "gas": 0, "gasPrice": 0, "nonce": 0, "chainId": CHAIN}
    )
    return receipt_of(send(signer, {"to": call["to"], "data": call["data"], **extra}))


def deploy(contract):
    made = receipt_of(send(ME, {"data": contract["bytecode"]}))
    assert made.status == 1
    return W3.eth.contract(made.contractAddress, abi=contract["abi"])


def rpc(method, *params):
    return W3.provider.make_request(method, list(params))


class Web3Py(unittest.TestCase):
    """Every flow is a method named after it."""

    @classmethod
    def setUpClass(cls):
        cls.board = deploy(BOARD)
        cls.clerk = None if FOREIGN else deploy(CLERK)

    def decoded(self, name, abi, error):
        """The arguments of a custom error."""
        entry = next(item for item in abi if item["type"] == "error" and item["name"] == name)
        types = [argument["type"] for argument in entry["inputs"]]
        data = bytes.fromhex(error.data[2:])
        self.assertEqual(data[:4], Web3.keccak(text=f"{name}({','.join(types)})")[:4])
        return decode(types, data[4:])

    def test_chain(self):
        self.assertTrue(W3.is_connected())
        self.assertEqual(W3.net.version, str(CHAIN))
        self.assertTrue(W3.client_version)
        self.assertIs(W3.eth.syncing, False)
        self.assertIsInstance(W3.net.listening, bool)
        if not FOREIGN:
            self.assertEqual(W3.net.peer_count, len(URLS) - 1)
            self.assertEqual(W3.eth.accounts, [])

    def test_blocks(self):
        for tag in ("latest", "safe", "finalized", "pending", "earliest"):
            self.assertGreater(W3.eth.get_block(tag).gasLimit, 0, tag)
        head = W3.eth.get_block("latest")
        self.assertEqual(W3.eth.get_block(head.number), head)
        self.assertEqual(W3.eth.get_block(head.hash), head)
        full = W3.eth.get_block(head.hash, full_transactions=True)
        self.assertEqual([tx.hash for tx in full.transactions], list(head.transactions))

    def test_unknown(self):
        unknown = secrets.token_bytes(32)
        with self.assertRaises(TransactionNotFound):
            W3.eth.get_transaction_receipt(unknown)
        with self.assertRaises(TransactionNotFound):
            W3.eth.get_transaction(unknown)
        with self.assertRaises(BlockNotFound):
            W3.eth.get_block(unknown)
        with self.assertRaises(BlockNotFound):
            W3.eth.get_block(0xFFFFFFFF)

    def test_fees(self):
        self.assertGreaterEqual(W3.eth.gas_price, 0)
        self.assertGreaterEqual(W3.eth.max_priority_fee, 0)
        history = W3.eth.fee_history(4, "latest", [10, 90])
        count = len(history.gasUsedRatio)
        self.assertEqual(len(history.baseFeePerGas), count + 1)
        self.assertEqual([len(row) for row in history.reward], [2] * count)

    def test_transfer(self):
        price = W3.eth.gas_price * 2
        slots = [{"address": self.board.address, "storageKeys": ["0x" + "0" * 64]}]
        kinds = ({"gasPrice": price}, {"gasPrice": price, "accessList": slots}, {})
        for number, kind in enumerate(kinds):
            to = Account.create().address
            sent = receipt_of(send(OTHER, {"to": to, "value": 11, **kind}))
            self.assertEqual((sent.status, sent.type), (1, number))
            self.assertEqual(W3.eth.get_balance(to), 11)
            transaction = W3.eth.get_transaction(sent.transactionHash)
            self.assertEqual(transaction["from"], OTHER.address)
            self.assertEqual(transaction.blockHash, sent.blockHash)

    def test_receipts(self):
        sent = receipt_of(send(ME, {"to": OTHER.address, "value": 1}))
        block = W3.eth.get_block(sent.blockHash)
        all_of_them = W3.eth.get_block_receipts(sent.blockNumber)
        self.assertEqual([r.transactionHash for r in all_of_them], list(block.transactions))
        by_index = W3.eth.get_transaction_by_block(sent.blockHash, sent.transactionIndex)
        self.assertEqual(by_index.hash, sent.transactionHash)
        by_index = W3.eth.get_transaction_by_block(sent.blockNumber, sent.transactionIndex)
        self.assertEqual(by_index.hash, sent.transactionHash)
        count = W3.eth.get_block_transaction_count(sent.blockNumber)
        self.assertEqual(count, len(block.transactions))
        raw = W3.eth.get_raw_transaction(sent.transactionHash)
        self.assertEqual(Web3.keccak(raw), sent.transactionHash)

    def test_deploy(self):
        made = deploy(BOARD)
        self.assertEqual(made.functions.founder().call(), ME.address)
        self.assertEqual(W3.eth.get_code(made.address)[0], 0x60)

    def test_call(self):
        made = deploy(BOARD)
        self.assertEqual(made.functions.write("hello").call(), 1)
        sent = transact(made.functions.write("hello"))
        (event,) = made.events.Written().process_receipt(sent)
        self.assertEqual(dict(event.args), {"author": ME.address, "line": 1, "text": "hello"})
        self.assertEqual(made.functions.text(1).call(), "hello")
        self.assertEqual(int.from_bytes(W3.eth.get_storage_at(made.address, 0)), 1)
        before = made.functions.lines().call(block_identifier=sent.blockNumber - 1)
        self.assertEqual(before, 0)

    def test_overrides(self):
        slots = {"0x" + "0" * 64: "0x" + (99).to_bytes(32).hex()}
        lines = self.board.functions.lines().call(
            state_override={self.board.address: {"stateDiff": slots}}
        )
        self.assertEqual(lines, 99)

    def test_revert(self):
        functions = self.board.functions
        for ask in ("call", "estimate_gas"):
            with self.assertRaises(ContractCustomError) as custom:
                getattr(functions.erase(77), ask)()
            arguments = self.decoded("Refused", BOARD["abi"], custom.exception)
            self.assertEqual(arguments, (ME.address.lower(), 77))
            with self.assertRaisesRegex(ContractLogicError, "nothing to write"):
                getattr(functions.write(""), ask)()
            with self.assertRaises(ContractPanicError):
                getattr(functions.divide(1, 0), ask)()

    def test_failed(self):
        sent = transact(self.board.functions.erase(2**255), gas=100_000)
        self.assertEqual((sent.status, sent.logs), (0, []))

    def test_logs(self):
        made = deploy(BOARD)
        transact(made.functions.write("one"))
        last = transact(made.functions.write("two"))

        def texts(**filters):
            filters.setdefault("from_block", 0)
            return [log.args.text for log in made.events.Written().get_logs(**filters)]

        self.assertEqual(texts(), ["one", "two"])
        self.assertEqual(texts(argument_filters={"line": 2}), ["two"])
        self.assertEqual(texts(argument_filters={"author": OTHER.address}), [])
        self.assertEqual(texts(from_block=last.blockNumber), ["two"])
        found = W3.eth.get_logs({"blockHash": last.blockHash, "address": made.address})
        self.assertEqual([log.transactionHash for log in found], [last.transactionHash])

    def test_subscriptions(self):
        made = deploy(BOARD)

        async def flow():
            async with AsyncWeb3(WebSocketProvider(SOCKET)) as w3:
                names = {
                    await w3.eth.subscribe("newHeads"): "head",
                    await w3.eth.subscribe("logs", {"address": made.address}): "log",
                    await w3.eth.subscribe("newPendingTransactions"): "pending",
                }
                call = made.functions.write("by wire")
                sent = await asyncio.to_thread(transact, call)
                heard = {}
                async for message in w3.socket.process_subscriptions():
                    name, result = names[message["subscription"]], message["result"]
                    if name == "head" and result.number < sent.blockNumber:
                        continue
                    if name == "pending" and result != sent.transactionHash:
                        continue
                    heard[name] = result
                    if len(heard) == len(names):
                        break
                for subscription in names:
                    self.assertTrue(await w3.eth.unsubscribe(subscription))
                return sent, heard

        sent, heard = asyncio.run(asyncio.wait_for(flow(), 60))
        self.assertEqual(heard["log"].transactionHash, sent.transactionHash)
        self.assertEqual(made.events.Written().process_log(heard["log"]).args.text, "by wire")

    def test_filters(self):
        made = deploy(BOARD)
        events = made.events.Written().create_filter(from_block=W3.eth.block_number)
        blocks, pending = W3.eth.filter("latest"), W3.eth.filter("pending")
        sent = transact(made.functions.write("polled"))
        found = []
        while not found:
            found = events.get_new_entries()
        self.assertEqual(found[0].args.text, "polled")
        self.assertEqual(len(events.get_all_entries()), 1)
        self.assertIn(sent.blockHash, blocks.get_new_entries())
        self.assertIn(sent.transactionHash, pending.get_new_entries())
        self.assertTrue(W3.eth.uninstall_filter(events.filter_id))
        with self.assertRaisesRegex(Web3RPCError, "filter not found"):
            events.get_new_entries()

    def test_delegation(self):
        person = Account.create()
        signed = person.sign_authorization(
            {"chainId": CHAIN, "address": self.board.address, "nonce": 0}
        )
        data = self.board.encode_abi("write", ["as myself"])
        sent = receipt_of(
            send(OTHER, {"to": person.address, "data": data, "authorizationList": [signed], "gas": 300_000})
        )
        self.assertEqual((sent.status, sent.type), (1, 4))
        expected = bytes.fromhex("ef0100" + self.board.address[2:])
        self.assertEqual(W3.eth.get_code(person.address), expected)

    def test_access_list(self):
        data = self.board.encode_abi("write", ["listed"])
        call = {"from": ME.address, "to": self.board.address, "data": data}
        made = W3.eth.create_access_list(call, "latest")
        self.assertEqual(made.accessList[0].address, self.board.address)
        access_list = [dict(entry) for entry in made.accessList]
        sent = receipt_of(send(ME, {**call, "accessList": access_list}))
        self.assertEqual(sent.status, 1)

    def test_simulate(self):
        poor = Account.create().address
        calls = [
            {"from": poor, "to": OTHER.address, "value": hex(5)},
            {"from": poor, "to": self.board.address, "data": self.board.encode_abi("write", ["x"])},
        ]
        state = {poor: {"balance": hex(10**18)}}
        (block,) = W3.eth.simulate_v1(
            {"blockStateCalls": [{"stateOverrides": state, "calls": calls}]}, "latest"
        )
        self.assertEqual([call["status"] for call in block["calls"]], [1, 1])

    def test_refusals(self):
        with self.assertRaises(MethodUnavailable):
            W3.manager.request_blocking("eth_noSuchThing", [])
        request = {"to": OTHER.address, "value": 1, "gas": 21_000, "maxFeePerGas": 10**11, "maxPriorityFeePerGas": 0}
        with self.assertRaisesRegex(Web3RPCError, "(?i)nonce too low"):
            send(ME, {**request, "nonce": 0})
        with self.assertRaisesRegex(Web3RPCError, "(?i)insufficient funds"):
            send(Account.create(), request)
        with self.assertRaisesRegex(Web3RPCError, "(?i)chain ?id"):
            send(ME, {**request, "chainId": CHAIN + 1})
        if not FOREIGN:
            answer = rpc("eth_getProof", self.board.address, ["0x0"], "latest")
            self.assertIn("commonhold_getStateProof", answer["error"]["message"])

    def test_trace(self):
        sent = transact(self.board.functions.write("traced"))
        tracer = {"tracer": "callTracer"}
        call = rpc("debug_traceTransaction", sent.transactionHash.to_0x_hex(), tracer)["result"]
        self.assertEqual((call["type"], call["to"]), ("CALL", self.board.address.lower()))

    def test_anywhere(self):
        sent = receipt_of(send(ME, {"to": OTHER.address, "value": 1}))
        elsewhere = connect(URLS[-1])
        there = elsewhere.eth.wait_for_transaction_receipt(sent.transactionHash, 30, 0.02)
        self.assertEqual(there.blockHash, sent.blockHash)

    def test_members(self):
        module = W3.eth.contract(MODULES["members"], abi=abi_of("members"))
        count = module.functions.memberCount().call()
        page, total = module.functions.members(0, 100).call()
        self.assertEqual((len(page), total), (count, count))

    @staticmethod
    def registration(content_hash):
        return (secrets.token_bytes(32), content_hash, 100, "text/plain", ZERO, NOBODY, NOBODY)

    def test_record(self):
        # The network is free: whoever has a key takes part.
        person = Account.create()
        directory = W3.eth.contract(MODULES["accounts"], abi=abi_of("accounts"))
        named = transact(directory.functions.register("Ada", secrets.token_bytes(32)), person)
        self.assertEqual(named.status, 1)
        self.assertTrue(directory.functions.isRegistered(person.address).call())

        module = W3.eth.contract(MODULES["records"], abi=abi_of("records"))
        content_hash = secrets.token_bytes(32)
        call = module.functions.register(self.registration(content_hash))
        record = call.call({"from": ME.address})

        async def flow():
            async with AsyncWeb3(WebSocketProvider(SOCKET)) as w3:
                await w3.eth.subscribe("logs", {"address": module.address})
                await asyncio.to_thread(transact, call)
                async for message in w3.socket.process_subscriptions():
                    if message["result"].topics[1] == record:
                        return message["result"]

        log = asyncio.run(asyncio.wait_for(flow(), 60))
        event = module.events.Registered().process_log(log)
        self.assertEqual(event.args.owner, ME.address)
        self.assertEqual(event.args.contentHash, content_hash)
        may = module.functions.mayOpen(record, person.address, 0)
        self.assertFalse(may.call())
        transact(module.functions.grant(record, person.address, 0, 0, 0, ZERO))
        self.assertTrue(may.call())
        transact(module.functions.declareOpened(record, secrets.token_bytes(32)), person)
        transact(module.functions.revoke(record, person.address))
        self.assertFalse(may.call())
        entries, total = module.functions.log(record, 0, 10).call()
        self.assertEqual((total, [entry[0] for entry in entries]), (3, [0, 3, 1]))

    def test_module_revert(self):
        abi = abi_of("records")
        module = W3.eth.contract(MODULES["records"], abi=abi)
        unknown = secrets.token_bytes(32)
        for ask in ("call", "estimate_gas"):
            with self.assertRaises(ContractCustomError) as custom:
                getattr(module.functions.revoke(unknown, OTHER.address), ask)({"from": ME.address})
            self.assertEqual(self.decoded("UnknownRecord", abi, custom.exception), (unknown,))
        with self.assertRaises(ContractCustomError) as custom:
            module.functions.register(self.registration(ZERO)).call()
        self.assertEqual(self.decoded("MissingContentHash", abi, custom.exception), ())

    def test_atomic(self):
        content_hash = secrets.token_bytes(32)
        functions = self.clerk.functions
        was = functions.count().call()
        with self.assertRaises(ContractCustomError) as custom:
            functions.fileAndFail(content_hash).call()
        self.decoded("SecondThoughts", CLERK["abi"], custom.exception)
        failed = transact(functions.fileAndFail(content_hash), gas=1_000_000)
        self.assertEqual((failed.status, failed.logs), (0, []))
        caught = transact(functions.fileAndForget(content_hash), gas=1_000_000)
        self.assertEqual(caught.status, 1)
        self.assertEqual([log.address for log in caught.logs], [self.clerk.address])
        self.assertEqual(functions.count().call(), was)
        kept = transact(functions.file(content_hash))
        self.assertEqual([log.address for log in kept.logs], [MODULES["records"], self.clerk.address])
        self.assertEqual(functions.count().call(), was + 1)

    def test_no_delegate(self):
        self.assertFalse(self.clerk.functions.borrow().call())


def main():
    """Runs what applies and checks that nothing of flows.json is missing."""
    wanted = {**SHARED["flows"], **SHARED["moduleFlows"]}
    have = {name.removeprefix("test_").replace("_", "-") for name in dir(Web3Py) if name.startswith("test_")}
    if missing := set(wanted) ^ have ^ EXCUSED:
        sys.exit(f"web3.py: flows missing or unknown: {sorted(missing)}")
    suite = unittest.TestSuite()
    for name in wanted:
        if name in have and not (FOREIGN and name in SHARED["moduleFlows"]):
            suite.addTest(Web3Py(f"test_{name.replace('-', '_')}"))
    result = unittest.TextTestRunner(stream=sys.stderr, verbosity=2).run(suite)
    failed = len(result.failures) + len(result.errors)
    print(f"# pass {result.testsRun - failed}\n# fail {failed}")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
