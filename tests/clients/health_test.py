"""PyPI's fhir.resources, pysam (samtools, bcftools) and web3.py on what comes out of the health application: a
person's consent, audit trail and export against a running network.

The genomes are those of ../shared/data/health beside the project, where they are; where not, samples.
"""

import base64
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import pysam
import pysam.bcftools
from fhir.resources.R4B import get_fhir_model_class
from web3 import HTTPProvider, Web3

ROOT = Path(__file__).parent.parent.parent
URLS = os.environ["COMMONHOLD_RPC"].split(",")
PROGRAM = os.environ.get("COMMONHOLD_BIN", str(ROOT / "target/debug/commonhold"))
SAMPLES, DATA = ROOT / "samples/health", ROOT.parent / "shared/data/health"
MEMBER = os.environ["COMMONHOLD_MEMBER_KEYS"].split(",")[0]
RECORDS = "0xc000000000000000000000000000000000000004"
ABI = json.loads((ROOT / "crates/system/tests/golden/records/abi.json").read_text())
# IRecords.Access: what lets somebody in.
PERMITS = {5, 6, 9}
DCM = "http://dicom.nema.org/resources/ontology/DCM"


def valid(resource):
    get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    return resource


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


class Health(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temp = tempfile.TemporaryDirectory()
        cls.dir = Path(cls.temp.name)
        (cls.dir / "member.key").write_text(MEMBER.removeprefix("0x"))
        cls.commonhold("account", "import", "hospital", "member.key")
        cls.address = {}
        for name in ("anna", "clara", "carl", "rosa", "emil", "emma"):
            cls.commonhold("account", "new", name)
            cls.commonhold("account", "register", name)
            shown = json.loads(cls.commonhold("account", "show", name, "--json"))
            cls.address[name] = shown["address"]
        for role, name in (
            ("clinician", "clara"),
            ("clinician", "carl"),
            ("researcher", "rosa"),
            ("ethics-committee", "emil"),
            ("ethics-committee", "emma"),
        ):
            cls.commonhold("account", "role", "attest", role, "--to", name, account="hospital")
        key = Web3(HTTPProvider(URLS[0])).provider.make_request("commonhold_networkKey", [])
        cls.network_key = key["result"]
        cls.put()
        cls.share()

    @classmethod
    def tearDownClass(cls):
        cls.temp.cleanup()

    @classmethod
    def commonhold(cls, *args, account="anna", code=0):
        env = {name: value for name, value in os.environ.items() if not name.startswith("COMMONHOLD_")}
        env |= {
            "COMMONHOLD_RPC": URLS[0],
            "COMMONHOLD_KEYSTORE": str(cls.dir / "keystore"),
            "COMMONHOLD_PASSPHRASE": "test",
            "COMMONHOLD_ACCOUNT": account,
        }
        ran = subprocess.run([PROGRAM, *args], env=env, capture_output=True, text=True, cwd=cls.dir)
        if ran.returncode != code:
            raise AssertionError(f"{args}: {ran.returncode}: {ran.stdout}{ran.stderr}")
        return ran.stdout if code == 0 else ran.stdout + ran.stderr

    @classmethod
    def health(cls, *args, account="anna", code=0):
        said = cls.commonhold("health", *args, "--json", account=account, code=code)
        return json.loads(said) if code == 0 else said

    def verify(self, directory, code=0):
        return self.commonhold("verify", directory, "--network-key", self.network_key, code=code)

    @classmethod
    def put(cls):
        """A stay in hospital, a genome as VCF and as BAM, and the data set of a trial."""
        cls.dataset = (SAMPLES / "dm.json").read_bytes()
        (cls.dir / "dm.json").write_bytes(cls.dataset)
        bam, vcf = DATA / "genomics/mpileup.1.bam", DATA / "genomics/1kGP_chr1_head1000.vcf.gz"
        if bam.is_file():
            shutil.copy(bam, cls.dir / "reads.bam")
            shutil.copy(vcf, cls.dir / "calls.vcf.gz")
        else:
            with pysam.AlignmentFile(str(SAMPLES / "reads.sam"), check_sq=False) as sam:
                with pysam.AlignmentFile(str(cls.dir / "reads.bam"), "wb", template=sam) as out:
                    for read in sam:
                        out.write(read)
            pysam.tabix_compress(str(SAMPLES / "variants.vcf"), str(cls.dir / "calls.vcf.gz"))
        cls.imported = []
        for file in (str(SAMPLES / "ward.json"), "reads.bam", "calls.vcf.gz", "dm.json"):
            told = cls.health("import", file, "--one-person")
            cls.imported += told["files"][0]["records"]

    @classmethod
    def share(cls):
        """Some is let in to, some refused, some taken in an emergency."""
        cls.health(
            "consent", "set", "--purpose", "treatment", "--classes", "everything", "--to", "role:clinician",
            "--duo", "DUO:0000004", "--until", "2099-12-31", "--except", "classes=meds to=clara",
        )
        ask = ("request", "--from", "anna", "--purpose", "treatment", "--classes", "everything")
        asked = cls.health(*ask, "--until", "+2d", account="clara")
        cls.request = str(asked["requests"][0]["request"])
        cls.health("review", "approve", cls.request)
        cls.commonhold("health", "fetch", cls.request, "-o", "seen", account="clara")
        cls.health("review", "revoke", cls.request)
        cls.commonhold("health", "fetch", cls.request, "-o", "late", account="clara", code=1)

        board = cls.health("ethics", "found", "--member", "emil,emma", "--quorum", "2", account="hospital")
        register = ("study", "register", str(SAMPLES / "protocol.json"), "--board", str(board["board"]))
        cls.study = str(cls.health(*register, "--country", "DE", account="rosa")["study"])
        ballot = str(cls.health("ethics", "open", cls.study, account="rosa")["ballot"])
        for member in ("emil", "emma"):
            cls.health("ethics", "vote", ballot, "approve", account=member)
        cls.health(
            "consent", "set", "--purpose", "research", "--classes", "vitals", "--duo", "DUO:0000006",
            "--modifier", "DUO:0000022=DE", "--standing", "--veto", "0",
        )
        ask = ("request", "--from", "anna", "--purpose", "research", "--study", cls.study, "--classes", "all")
        request = str(cls.health(*ask, account="rosa")["requests"][0]["request"])
        cls.health("fetch", request, "-o", "study", account="rosa")

        opened = cls.health("emergency", "open", "anna", "--reason", "2", "-k", "key", account="clara")
        case = str(opened["emergency"])
        cls.health("emergency", "confirm", case, account="carl")
        cls.health("emergency", "fetch", case, "-k", "key", "-o", "slice.json", account="clara")

    def openings(self):
        """What the ledger has of openings of Anna's slices, counted without our code."""
        w3 = Web3(HTTPProvider(URLS[0]))
        contract = w3.eth.contract(Web3.to_checksum_address(RECORDS), abi=ABI)
        mine = {record["record"] for record in self.health("records")["records"]}
        event = contract.events.OpeningRequested()
        topic = "0x" + Web3.keccak(text="OpeningRequested(uint64,bytes32,address,bytes32,bytes32,uint8)").hex().removeprefix("0x")
        only = {"address": Web3.to_checksum_address(RECORDS), "fromBlock": 0, "toBlock": "latest"}
        logs = w3.eth.get_logs({**only, "topics": [topic]})
        told = [event.process_log(log).args for log in logs]
        told = [one for one in told if "0x" + one.id.hex() in mine]
        permitted = [one for one in told if one.access in PERMITS]
        return len(permitted), len(told) - len(permitted)

    def test_consent(self):
        exported = self.health("consent", "export")
        valid(exported)
        self.assertEqual(exported["provision"]["type"], "deny")
        shown = self.health("consent", "show")
        # The keys are ASCII and no number has a fraction: so this is RFC 8785.
        canonical = json.dumps(exported, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        self.assertEqual("0x" + hashlib.sha256(canonical.encode()).hexdigest(), shown["documentHash"])
        self.commonhold("health", "consent", "export", "-o", "consent.json")
        tried = self.health("consent", "import", "consent.json", "--dry-run")
        self.assertEqual(tried["permits"], shown["permits"])
        self.assertEqual((tried["documentHash"], tried["version"]), (shown["documentHash"], None))
        self.assertEqual(self.health("consent", "show"), shown, "nothing was set")
        self.health("consent", "import", "consent.json")
        again = self.health("consent", "show")
        self.assertEqual(again, shown | {"version": shown["version"] + 1})
        self.health("consent", "show", "--document", "consent.json")

    def test_consent_of_others(self):
        path = DATA / "fhir_r4_examples/Consent-consent-example-signature.json"
        if path.is_file():
            said = self.health("consent", "import", str(path), "--dry-run", code=1)
            self.assertIn("Consent.provision", said)
        document = json.loads(json.dumps(self.health("consent", "export")))
        document["provision"]["provision"] = document["provision"]["provision"][:1]
        document["patient"] = {"display": "Anna, born 12 May 1961"}
        (self.dir / "hospital.json").write_text(json.dumps(valid(document)))
        self.commonhold("account", "new", "dora")
        self.commonhold("account", "register", "dora", account="dora")
        set_ = self.health("consent", "import", "hospital.json", account="dora")
        self.assertIsNotNone(set_["salt"], "it says more than the ledger does")
        canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        salted = hashlib.sha256(bytes.fromhex(set_["salt"][2:]) + canonical).hexdigest()
        self.assertEqual("0x" + salted, self.health("consent", "show", account="dora")["documentHash"])
        show = ("consent", "show", "--document", "hospital.json")
        self.assertTrue(self.health(*show, account="dora")["same"])
        self.assertTrue(self.health(*show, "--subject", "dora", "--salt", set_["salt"])["same"])
        self.health(*show, account="anna", code=1)
        document["provision"]["provision"][0]["period"] = {"start": "2030-01-01", "end": "2029-01-01"}
        (self.dir / "hospital.json").write_text(json.dumps(document))
        said = self.health("consent", "import", "hospital.json", account="dora", code=1)
        self.assertIn("Consent.provision.provision[0].period: ends before it begins", said)
        self.commonhold("account", "new", "nobody")
        set_ = ("consent", "set", "--purpose", "treatment", "--classes", "labs", "--to", "nobody")
        self.assertIn("no key on the ledger", self.health(*set_, code=1))

    def test_audit(self):
        told = self.health("audit", "--patient", "anna", "-o", "trail")
        events = [valid(event) for event in lines(self.dir / "trail/AuditEvent.ndjson")]
        kinds = [(event["type"]["code"], event["subtype"][0]["code"], event["outcome"]) for event in events]
        disclosed = kinds.count(("110106", "disclose", "0"))
        refused = kinds.count(("110113", "AuthZ-Consent", "8"))
        self.assertEqual((disclosed, refused), self.openings())
        self.assertEqual((told["disclosures"], told["refusals"]), (disclosed, refused))
        self.assertGreater(disclosed, 8)
        self.assertGreater(refused, 8)
        self.assertEqual(kinds.count(("110113", "110127", "0")), 1)
        emergencies = [
            event for event in events
            if event["type"]["code"] == "110106" and {"system": DCM, "code": "110127"}.items()
            <= event["subtype"][-1].items()
        ]
        self.assertEqual(len(emergencies), 1)
        self.assertEqual(emergencies[0]["purposeOfEvent"][0]["coding"][0]["code"], "BTG")
        self.assertIn("that is all", self.verify("trail"))

        record = self.imported[0]["record"]
        one = self.health("audit", "--record", record, "-o", "one")
        self.verify("one")
        mine = [event for event in events if any(e["valueString"] == record for e in event["extension"])]
        self.assertEqual(lines(self.dir / "one/AuditEvent.ndjson"), mine)
        self.assertEqual(one["events"], len(mine))

    def test_audit_changed(self):
        """Whatever is taken away, changed or added is found."""
        self.health("audit", "--patient", "anna", "-o", "honest")
        trail = self.dir / "honest/AuditEvent.ndjson"
        good = trail.read_bytes().splitlines(keepends=True)
        for name, changed in (
            ("missing", good[:-1]),
            ("first missing", good[1:]),
            ("twice", good + good[-1:]),
            ("reader", [good[0].replace(b"0x", b"0X", 1), *good[1:]]),
            ("outcome", [line.replace(b'"outcome":"8"', b'"outcome":"0"') for line in good]),
        ):
            with self.subTest(name):
                trail.write_bytes(b"".join(changed))
                self.assertIn("AuditEvent.ndjson", self.verify("honest", code=4))
        trail.write_bytes(b"".join(good))
        self.verify("honest")
        proof = self.dir / "honest/proof"
        stamps = sorted(proof.glob("*-*.json"))
        for stamp in stamps[:2] + stamps[-1:]:
            with self.subTest(stamp.name):
                content = stamp.read_bytes()
                stamp.unlink()
                self.verify("honest", code=4)
                stamp.write_bytes(content.replace(b"0x", b"0X", 1))
                self.verify("honest", code=4)
                stamp.write_bytes(content)
        # Of another slice's trail everything is true, and nothing belongs here.
        self.health("audit", "--record", self.imported[1]["record"], "-o", "other")
        other = sorted((self.dir / "other/proof").glob("state-*.json"))[0]
        shutil.copy(other, proof / "state-9999.json")
        self.verify("honest", code=4)
        (proof / "state-9999.json").unlink()
        (proof / "note.txt").write_text("by the way")
        self.assertIn("was added", self.verify("honest", code=4))
        (proof / "note.txt").unlink()
        # The slice's own trail as the person's: what is missing is missed.
        about = proof / "about.json"
        content = json.loads(about.read_text())
        about.write_text(json.dumps(content | {"of": {"subject": self.address["clara"]}}))
        self.verify("honest", code=4)

    def test_export(self):
        told = self.health("export", "-o", "all")
        root = self.dir / "all"
        self.assertEqual(len(told["slices"]), len(self.imported))
        valid(json.loads((root / "Consent.json").read_text()))
        for name in ("AuditEvent", "Provenance", "ResearchStudy"):
            found = [valid(resource) for resource in lines(root / f"{name}.ndjson")]
            self.assertTrue(found, name)
            self.assertEqual({resource["resourceType"] for resource in found}, {name})
        self.assertEqual((told["disclosures"], told["refusals"]), self.openings())
        self.assertEqual(told["studies"], 1)
        provenances = lines(root / "Provenance.ndjson")
        self.assertEqual(len(provenances), len(self.imported) + 1)
        for provenance in provenances:
            # The signature is a stamp, which stands for itself.
            stamp = base64.b64decode(provenance["signature"][0]["data"])
            (self.dir / "one.stamp.json").write_bytes(stamp)
            said = self.commonhold("verify", "one.stamp.json", "--network-key", self.network_key)
            self.assertIn(provenance["signature"][0]["who"]["identifier"]["value"], said)
        self.assertIn("## Who opened them", (root / "index.md").read_text())
        self.assertIn("that is all", self.verify("all"))

        # It goes on where it was: one slice is fetched again, and nothing else is opened.
        before = self.openings()[0]
        lost = root / told["slices"][0]["file"]
        content = lost.read_bytes()
        lost.unlink()
        (root / "index.json").unlink()
        self.verify("all", code=4)
        self.health("export", "-o", "all")
        self.assertEqual(lost.read_bytes(), content)
        self.assertEqual(self.openings()[0], before + 1)
        self.verify("all")

        for name, change in (
            ("changed", lambda: lost.write_bytes(content[:-1] + b"x")),
            ("added", lambda: (root / "records/more.json").write_text("{}")),
            ("missing", lost.unlink),
        ):
            with self.subTest(name):
                change()
                self.verify("all", code=4)
                (root / "records/more.json").unlink(missing_ok=True)
                lost.write_bytes(content)
        self.verify("all")
        self.assertIn("is an export", self.health("audit", "-o", "all", code=1))

    def test_study(self):
        study = valid(self.health("study", "show", self.study, "--fhir"))
        self.assertEqual(study["status"], "approved")
        self.assertEqual({o["type"]["coding"][0]["code"] for o in study["objective"]} & {"primary"}, {"primary"})
        self.assertEqual(study["location"], [{"text": "DE"}])

    def test_formats(self):
        """What was fetched is what was put in, and the field's own tools take it."""
        seen = {hashlib.sha256(path.read_bytes()).digest(): path for path in (self.dir / "seen").iterdir()}
        got = lambda name: seen[hashlib.sha256((self.dir / name).read_bytes()).digest()]
        self.assertEqual(pysam.quickcheck("-v", str(got("reads.bam"))), "")
        header = pysam.view("--no-PG", "-H", str(got("reads.bam")))
        self.assertEqual(header, pysam.view("--no-PG", "-H", str(self.dir / "reads.bam")))
        calls = pysam.bcftools.view("-H", str(got("calls.vcf.gz")))
        with gzip.open(self.dir / "calls.vcf.gz", "rt") as text:
            rows = [line for line in text if not line.startswith("#")]
        self.assertEqual(len(calls.splitlines()), len(rows))
        self.assertEqual(got("dm.json").read_bytes(), self.dataset)
        # A file that was cut is not taken by them; so the check can fail.
        (self.dir / "cut.bam").write_bytes((self.dir / "reads.bam").read_bytes()[:-30])
        with self.assertRaises(pysam.SamtoolsError):
            pysam.quickcheck(str(self.dir / "cut.bam"))


def main():
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(Health)
    result = unittest.TextTestRunner(stream=sys.stderr, verbosity=2).run(suite)
    failed = len(result.failures) + len(result.errors)
    print(f"# pass {max(result.testsRun - failed - len(result.skipped), 0)}\n# fail {failed}")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
