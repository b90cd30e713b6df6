"""Eclipse's paho-mqtt and mosquitto_pub, and devices that are shell scripts with openssl, against a
gateway between them and a running network.

The capture is ../shared/data/health/iot beside the project, where it is; where not, that test says so.
"""

import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

import paho.mqtt.client as mqtt

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
URLS = os.environ["COMMONHOLD_RPC"].split(",")
PROGRAM = os.environ.get("COMMONHOLD_BIN", str(ROOT / "target/debug/commonhold"))
CAPTURE = ROOT.parent / "shared/data/health/iot/mqtt_bedside_6h.ndjson"
BEDSIDE = "0024befffe804ff1"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Sender:
    """A paho client that waits for each acknowledgement and knows its reason."""

    def __init__(self, port, password, version=mqtt.MQTTv5, name="sender", authority=None):
        self.done, self.reasons = threading.Event(), {}
        self.client = mqtt.Client(
            mqtt.CallbackAPIVersion.VERSION2, client_id=name, protocol=version
        )
        self.client.username_pw_set("house", password)
        self.client.on_publish = self.published
        if authority:
            self.client.tls_set(authority)
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()

    def published(self, _client, _data, mid, reason, _properties):
        self.reasons[mid] = reason.value
        self.done.set()

    def send(self, topic, payload, qos=1):
        sent = self.client.publish(topic, payload, qos=qos)
        sent.wait_for_publish(60)
        while qos and sent.mid not in self.reasons:
            self.done.wait(60)
            self.done.clear()
        return self.reasons.get(sent.mid)

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()


class Gateway(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temp = tempfile.TemporaryDirectory()
        cls.dir = Path(cls.temp.name)
        for name in ("ada-gw", "gate"):
            cls.commonhold("account", "new", name)
            cls.commonhold("account", "register", name)
        opened = cls.commonhold("stream", "open", "house", "--gateway", "gate", "--json")
        cls.stream = json.loads(opened)["id"]
        made = json.loads(cls.commonhold("gateway", "init", ".", "--json"))
        cls.commonhold("device", "enrol", "gateway.key", "--model", "gateway")
        for source in (BEDSIDE, "plug", "shelly1pm-1", "shellyplus1pm-1"):
            cls.commonhold("device", "enrol", "--gateway", made["device"], "--name", source,
                           "--model", "source", "--stream", cls.stream)
        secret = json.loads(cls.commonhold("gateway", "password", "--json"))
        cls.password = secret["password"]
        cls.mqtt, cls.tls, cls.http = free_port(), free_port(), free_port()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                        "-nodes", "-keyout", "tls.key", "-out", "tls.crt", "-subj", "/CN=127.0.0.1",
                        "-addext", "subjectAltName=IP:127.0.0.1"],
                       check=True, capture_output=True, cwd=cls.dir)
        (cls.dir / "gateway.toml").write_text(f"""
            data = "gateway-data"
            streams = ["{cls.stream}"]
            node = {{ url = "{URLS[0]}" }}
            account = {{ name = "gate", keystore = "keystore" }}
            device = {{ key = "gateway.key" }}
            http = {{ listen = "127.0.0.1:{cls.http}" }}
            batch = {{ seconds = 2 }}
            # The capture is of 2025.
            bounds = {{ late_max_seconds = 1000000000 }}
            [mqtt]
            listen = "127.0.0.1:{cls.mqtt}"
            tls = {{ listen = "127.0.0.1:{cls.tls}", certificates = "tls.crt", key = "tls.key" }}
            [[client]]
            user = "house"
            password = "{secret["hash"]}"
            topics = ["#"]
            connections = 4
            [[source]]
            topic = "readings/#"
            adapter = "signed"
            [[source]]
            topic = "v1/+/patient/+/device/{{device}}/senml"
            adapter = "senml"
            [[source]]
            topic = "tele/{{device}}/SENSOR"
            adapter = "tasmota"
            [[source]]
            topic = "shellies/{{device}}/#"
            adapter = "shelly"
            [[source]]
            topic = "{{device}}/events/rpc"
            adapter = "shelly"
        """)
        cls.start()

    @classmethod
    def tearDownClass(cls):
        cls.gateway.send_signal(signal.SIGINT)
        code = cls.gateway.wait()
        cls.temp.cleanup()
        assert code == 0, code

    @classmethod
    def environment(cls):
        env = {name: value for name, value in os.environ.items() if not name.startswith("COMMONHOLD_")}
        return env | {
            "COMMONHOLD_RPC": URLS[0],
            "COMMONHOLD_KEYSTORE": str(cls.dir / "keystore"),
            "COMMONHOLD_PASSPHRASE": "test",
        }

    @classmethod
    def commonhold(cls, *args):
        env = cls.environment()
        if args[0] != "account":
            env["COMMONHOLD_ACCOUNT"] = "ada-gw"
        ran = subprocess.run([PROGRAM, *args], env=env, capture_output=True, text=True, cwd=cls.dir)
        if ran.returncode != 0:
            raise AssertionError(f"{args}: {ran.returncode}: {ran.stderr}")
        return ran.stdout.strip()

    @classmethod
    def start(cls):
        log = open(cls.dir / "gateway.log", "a")
        command = [PROGRAM, "gateway", "--config", "gateway.toml"]
        cls.gateway = subprocess.Popen(command, env=cls.environment(), cwd=cls.dir, stderr=log)
        while True:
            if cls.gateway.poll() is not None:
                raise AssertionError((cls.dir / "gateway.log").read_text())
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{cls.http}/health")
                return
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.05)

    def counts(self):
        request = urllib.request.Request(f"http://127.0.0.1:{self.http}/status")
        pair = base64.b64encode(f"house:{self.password}".encode()).decode()
        request.add_header("Authorization", f"Basic {pair}")
        return json.loads(urllib.request.urlopen(request).read())["counts"]

    def since(self, before):
        now = self.counts()
        return {name: now[name] - before[name] for name in now if name != "refused"}

    def test_the_capture_is_taken_once_whatever_happens(self):
        if not CAPTURE.is_file():
            print(f"{CAPTURE} is not there: the capture is not delivered", file=sys.stderr)
            self.skipTest("no capture")
        messages = [json.loads(line) for line in CAPTURE.read_text().splitlines()]
        expected = json.loads(CAPTURE.with_suffix(".expected.json").read_text())
        before = self.counts()
        half = len(messages) // 2
        sender = Sender(self.mqtt, self.password)
        for message in messages[:half]:
            self.assertEqual(sender.send(message["topic"], message["payload"], message["qos"]), 0)
        self.gateway.kill()
        self.gateway.wait()
        sender.close()
        type(self).start()
        sender = Sender(self.mqtt, self.password)
        for message in messages[half:]:
            self.assertEqual(sender.send(message["topic"], message["payload"], message["qos"]), 0)
        once = self.since(before)
        self.assertEqual({name: once[name] for name in expected}, expected)
        # Everything again, in the old version of the protocol.
        sender.close()
        sender = Sender(self.mqtt, self.password, mqtt.MQTTv311)
        for message in messages:
            sender.send(message["topic"], message["payload"], message["qos"])
        sender.close()
        twice = self.since(before)
        changed = {name for name in twice if twice[name] != once[name]}
        self.assertEqual(changed, {"messages", "duplicates"})
        self.assertEqual(twice["duplicates"], len(messages))

    def test_tasmota_and_shelly_come_by_mosquitto_pub(self):
        before = self.counts()
        now = time.time()
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now))
        tasmota = {"Time": stamp, "ENERGY": {"Total": 1.25, "Power": 60, "Voltage": 231}}
        notify = {"src": "shellyplus1pm-1", "method": "NotifyStatus",
                  "params": {"ts": round(now, 2), "switch:0": {"id": 0, "apower": 12.3,
                                                               "aenergy": {"total": 99.5}}}}
        messages = [
            ("tele/plug/SENSOR", json.dumps(tasmota)),
            ("tele/plug/SENSOR", json.dumps(tasmota)),
            ("shellyplus1pm-1/events/rpc", json.dumps(notify)),
            ("shellyplus1pm-1/events/rpc", json.dumps(notify)),
            ("shellies/shelly1pm-1/relay/0/power", "23.4"),
            ("shellies/shelly1pm-1/online", "true"),
        ]
        program = shutil.which("mosquitto_pub")
        sender = None if program else Sender(self.mqtt, self.password, mqtt.MQTTv311, "stand-in")
        if not program:
            print("mosquitto_pub is not there: paho-mqtt stands in for it", file=sys.stderr)
        for topic, payload in messages:
            if sender:
                sender.send(topic, payload)
                continue
            where = ["-h", "127.0.0.1", "-p", str(self.mqtt), "-u", "house", "-P", self.password]
            what = ["-V", "5", "-q", "1", "-t", topic, "-m", payload]
            subprocess.run([program, *where, *what], check=True)
        if sender:
            sender.close()
        counts = self.since(before)
        self.assertEqual((counts["messages"], counts["valid"]), (6, 3))
        self.assertEqual((counts["duplicates"], counts["ignored"]), (2, 1))
        self.assertEqual((counts["records"], counts["received_time"]), (6, 1))

    def test_tls_is_spoken_where_it_is_wanted(self):
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() - 60))
        message = json.dumps({"Time": stamp, "ENERGY": {"Power": 7}})
        sender = Sender(self.tls, self.password, name="tls", authority=str(self.dir / "tls.crt"))
        before = self.counts()
        self.assertEqual(sender.send("tele/plug/SENSOR", message, qos=2), 0)
        self.assertEqual(self.since(before)["valid"], 1)
        sender.close()

    def test_a_shell_script_enrols_sends_and_is_revoked(self):
        script = str(HERE / "device.sh")
        chain = int(json.loads(urllib.request.urlopen(urllib.request.Request(
            URLS[0], b'{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}',
            {"content-type": "application/json"})).read())["result"], 16)
        owner = json.loads(self.commonhold("account", "show", "ada-gw", "--json"))["address"]
        sender = Sender(self.mqtt, self.password)

        def device(*args):
            return subprocess.run(["bash", script, *args], check=True, capture_output=True,
                                  cwd=self.dir).stdout

        for algorithm in ("p256", "ed25519"):
            pem = f"{algorithm}.pem"
            device("new", algorithm, pem)
            key = device("key", pem).decode().strip()
            proof = device("prove", pem, str(chain), owner).decode().strip()
            identity = device("id", pem).decode().strip()

            def sign(counter):
                stamp = str(time.time_ns() // 1_000_000)
                return device("sign", pem, str(counter), stamp, "power", "230.5", "W")

            # Before it is enrolled nobody knows it.
            self.assertEqual(sender.send("readings", sign(1)), 0x87)
            self.commonhold("device", "enrol", "--key", key, "--proof", proof, "--model", "script",
                            "--stream", self.stream)
            first = sign(2)
            while (reason := sender.send("readings", first)) == 0x87:
                time.sleep(0.05)
            self.assertEqual(reason, 0)
            before = self.counts()
            self.assertEqual(sender.send("readings", first), 0)
            self.assertEqual(self.since(before)["duplicates"], 1)
            self.commonhold("device", "revoke", identity, "--reason", "stolen")
            counter = 3
            while (reason := sender.send("readings", sign(counter))) == 0:
                counter += 1
            self.assertEqual(reason, 0x87)
        self.assertGreaterEqual(self.counts()["refused"]["revoked"], 2)
        sender.close()


def main():
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(Gateway)
    result = unittest.TextTestRunner(stream=sys.stderr, verbosity=2).run(suite)
    failed = len(result.failures) + len(result.errors)
    print(f"# pass {max(result.testsRun - failed - len(result.skipped), 0)}\n# fail {failed}")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
