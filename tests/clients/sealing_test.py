"""PyPI's crypt4gh and py_ecc, and a policy in Solidity, against records that are sealed to a network and
opened by way of the ledger.

The files are those of ../shared/data/health beside the project, where they are: the smallest of each
folder, or, with COMMONHOLD_ALL=1, every one. Where they are not, the project's own samples.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

from eth_account import Account
from py_ecc.bls.hash_to_curve import hash_to_G1
from py_ecc.bls.point_compression import decompress_G1, decompress_G2
from py_ecc.optimized_bls12_381 import G2, normalize, pairing
from web3 import HTTPProvider, Web3

ROOT = Path(__file__).parent.parent.parent
URLS = os.environ["COMMONHOLD_RPC"].split(",")
PROGRAM = os.environ.get("COMMONHOLD_BIN", str(ROOT / "target/debug/commonhold"))
DATA = ROOT.parent / "shared/data/health"
DOOR = json.loads(Path(os.environ["COMMONHOLD_CONTRACTS"]).read_text())["Door"]
KEEPER = Account.from_key(json.loads((Path(__file__).parent / "flows.json").read_text())["keys"][6])
SUITE = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_"
NAMESPACE = b"commonhold/seal/v1"


def files():
    """What is sealed and opened."""
    if not DATA.is_dir():
        print(f"{DATA} is not there: the project's own samples stand in for it", file=sys.stderr)
        return sorted(path for path in (ROOT / "samples/health").rglob("*") if path.is_file())
    every = sorted(path for path in DATA.rglob("*") if path.is_file() and path.stat().st_size > 0)
    if os.environ.get("COMMONHOLD_ALL") == "1":
        return every
    smallest = {}
    for path in every:
        folder = path.relative_to(DATA).parts[0]
        size = path.stat().st_size
        if folder not in smallest or size < smallest[folder].stat().st_size:
            smallest[folder] = path
    return sorted(smallest.values())


class Sealing(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temp = tempfile.TemporaryDirectory()
        cls.dir = Path(cls.temp.name)
        for number, name in enumerate(("ada", "bob")):
            cls.commonhold("account", "new", name, url=URLS[number])
            cls.commonhold("account", "register", name, url=URLS[number])
            cls.commonhold("account", "export", name, "--crypt4gh", "-o", str(cls.dir / name))

    @classmethod
    def tearDownClass(cls):
        cls.temp.cleanup()

    @classmethod
    def commonhold(cls, *args, account=None, url=URLS[0], code=0):
        env = {name: value for name, value in os.environ.items() if not name.startswith("COMMONHOLD_")}
        env |= {
            "COMMONHOLD_RPC": url,
            "COMMONHOLD_KEYSTORE": str(cls.dir / "keystore"),
            "COMMONHOLD_PASSPHRASE": "test",
        }
        if account:
            env["COMMONHOLD_ACCOUNT"] = account
        ran = subprocess.run([PROGRAM, *args], env=env, capture_output=True, text=True, cwd=cls.dir)
        if ran.returncode != code:
            raise AssertionError(f"{args}: {ran.returncode}: {ran.stderr}")
        return ran.stdout.strip() or ran.stderr.strip()

    @classmethod
    def crypt4gh(cls, *args, given):
        env = os.environ | {"C4GH_PASSPHRASE": "test"}
        tool = Path(sys.executable).parent / "crypt4gh"
        ran = subprocess.run([tool, *args], env=env, input=given, capture_output=True)
        if ran.returncode != 0:
            raise AssertionError(f"crypt4gh {args}: {ran.stderr.decode()}")
        return ran.stdout

    def secret(self, name):
        return str(self.dir / f"{name}.sec")

    def public(self, name):
        return str(self.dir / f"{name}.pub")

    def test_opened(self):
        """Sealed by Ada, opened by Bob by way of another member, decrypted by the field's own tool."""
        for number, path in enumerate(files()):
            with self.subTest(file=str(path.relative_to(ROOT.parent))):
                record = self.commonhold("record", "put", str(path), "--seal", account="ada")
                self.commonhold("record", "grant", record, "--to", "bob", account="ada")
                name = f"opened-{number}.c4gh"
                url = URLS[number % len(URLS)]
                open_ = ("record", "open", record, "-o", name, "--c4gh")
                self.commonhold(*open_, account="bob", url=url)
                got = self.crypt4gh("decrypt", "--sk", self.secret("bob"), given=(self.dir / name).read_bytes())
                self.assertEqual(hashlib.sha256(got).digest(), hashlib.sha256(path.read_bytes()).digest())

    def test_taken_in(self):
        """Encrypted for Ada by the field's own tool, taken in as it is, and given back."""
        for number, path in enumerate(files()[:3]):
            with self.subTest(file=str(path.relative_to(ROOT.parent))):
                content = path.read_bytes()
                sealed = self.crypt4gh("encrypt", "--recipient_pk", self.public("ada"), given=content)
                (self.dir / f"in-{number}.c4gh").write_bytes(sealed)
                put = ("record", "put", f"in-{number}.c4gh", "--c4gh", "--seal")
                record = self.commonhold(*put, account="ada")
                self.commonhold("record", "open", record, "-o", f"out-{number}", account="ada", url=URLS[1])
                self.assertEqual((self.dir / f"out-{number}").read_bytes(), content)

    def test_policy(self):
        """A contract decides who opens a record: whom its keeper let in, and for what."""
        w3 = Web3(HTTPProvider(URLS[0]))

        def transact(to, data):
            nonce = w3.eth.get_transaction_count(KEEPER.address, "pending")
            fields = {"nonce": nonce, "gas": 2_000_000, "gasPrice": 0, "chainId": w3.eth.chain_id}
            signed = KEEPER.sign_transaction({**fields, "to": to, "data": data, "value": 0})
            sent = w3.eth.send_raw_transaction(signed.raw_transaction)
            receipt = w3.eth.wait_for_transaction_receipt(sent, timeout=30, poll_latency=0.05)
            self.assertEqual(receipt.status, 1)
            return receipt

        door = w3.eth.contract(transact("", DOOR["bytecode"]).contractAddress, abi=DOOR["abi"])
        path = files()[0]
        put = ("record", "put", str(path), "--seal", "--policy", door.address)
        record = self.commonhold(*put, account="ada")
        open_ = ("record", "open", record, "-o", "by-policy")
        said = self.commonhold(*open_, "--purpose", "TREAT", account="bob", code=1)
        self.assertIn("never let in", said)
        bob = json.loads(self.commonhold("account", "show", "bob", "--json"))["address"]
        purpose = b"TREAT".ljust(32, b"\0")
        transact(door.address, door.encode_abi("letIn", [Web3.to_checksum_address(bob), purpose]))
        for _ in range(2):
            self.commonhold(*open_, "--purpose", "TREAT", account="bob", url=URLS[2])
            self.assertEqual((self.dir / "by-policy").read_bytes(), path.read_bytes())
            (self.dir / "by-policy").unlink()
        said = self.commonhold(*open_, "--purpose", "RESALE", account="bob", code=1)
        self.assertIn("all the openings", said)
        log = json.loads(self.commonhold("record", "log", record, "--json"))
        wanted = "registered refused granted permitted granted permitted refused".split()
        self.assertEqual([entry["action"] for entry in log], wanted)

    def test_time_key(self):
        """What opens a time is the seal key's signature, checked by another implementation."""
        ask = {"jsonrpc": "2.0", "id": 1, "method": "commonhold_sealKey", "params": []}
        header = {"content-type": "application/json"}
        request = urllib.request.Request(URLS[0], json.dumps(ask).encode(), header)
        key = bytes.fromhex(json.load(urllib.request.urlopen(request))["result"]["key"][2:])
        past = int(time.time()) - 60
        told = json.load(urllib.request.urlopen(f"{URLS[1]}/api/times/{past}"))
        signature = bytes.fromhex(told["openingKey"][2:])
        message = bytes([len(NAMESPACE)]) + NAMESPACE + b"\x03" + past.to_bytes(8, "big")
        hashed = hash_to_G1(message, SUITE, hashlib.sha256)
        point = decompress_G1(int.from_bytes(signature, "big"))
        public = decompress_G2((int.from_bytes(key[:48], "big"), int.from_bytes(key[48:], "big")))
        self.assertEqual(pairing(public, hashed), pairing(G2, point))
        other = hash_to_G1(message[:-1] + bytes([message[-1] ^ 1]), SUITE, hashlib.sha256)
        self.assertNotEqual(normalize(other), normalize(hashed))
        self.assertNotEqual(pairing(public, other), pairing(G2, point))
        with self.assertRaises(urllib.error.HTTPError) as early:
            urllib.request.urlopen(f"{URLS[1]}/api/times/{int(time.time()) + 3600}")
        self.assertEqual(early.exception.code, 403)


def main():
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(Sealing)
    result = unittest.TextTestRunner(stream=sys.stderr, verbosity=2).run(suite)
    failed = len(result.failures) + len(result.errors)
    print(f"# pass {max(result.testsRun - failed, 0)}\n# fail {failed}")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
