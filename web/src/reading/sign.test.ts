/** What this page signs as a device is, to the byte, what the command line signs. */
import { bytesToHex } from "viem";
import { expect, test } from "vitest";
import { readKey, sign } from "./sign";

/** Made by `commonhold device new`. */
const key = {
  type: "commonhold device key",
  algorithm: "ed25519",
  key: "8362b50dcba0e30c4266f8eadb03c6b28b1fa89a23bd70c9921dd21b1d2745fd",
  device: "0xe1e00e0f17f8d4c0b5676f103c8b657d8e16ac43110d7dcccf724db9ab2a3f2b",
  secret: "3463f963c851dbcaecc4cbb45f42476faab4a5622dccbd72da5cef128cf28656",
};
const time = 1_795_764_000_000n;
/** Made by `commonhold device sign`, with that time as counter and time. */
const signed =
  "0xd2845826a20127045820e1e00e0f17f8d4c0b5676f103c8b657d8e16ac43110d7dcccf724db9ab2a3f2ba05872a4011b000001a21be01500021b000001a21be015000385a20065666962726503634b3031a200626e6d0219051ea20063656e64036141a200636c6f770226a2006477696465021b000000012a05f20004582000112233445566778899aabbccddeeff00112233445566778899aabbccddeeff58400fb52de66ef6261c78c3037b2fc1e70ea77eb382bfff02afc602e1089fd7fa5b4163fa3e9fabef1bec00a7607d01d802c77148a0f72b6b83a3935b19b4013d08";

test("a reading is signed as the command line signs it", () => {
  const device = readKey(JSON.stringify(key));
  expect(device.device).toBe(key.device);
  const bytes = sign(device, {
    counter: time,
    time,
    pack: [
      ["fibre", "K01"],
      ["nm", 1310n],
      ["end", "A"],
      ["low", -7n],
      ["wide", 5_000_000_000n],
    ],
    nonce: "0x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
  });
  expect(bytesToHex(bytes)).toBe(signed);
});

test("other files are no device's key", () => {
  const refused = (file: unknown) => () => readKey(typeof file === "string" ? file : JSON.stringify(file));
  expect(refused("no json")).toThrow();
  expect(refused({})).toThrow("no device's key");
  expect(refused({ ...key, type: "another" })).toThrow("no device's key");
  expect(refused({ ...key, algorithm: "rsa" })).toThrow("no device's key");
  expect(refused({ ...key, secret: `0x${key.secret.slice(2)}` })).toThrow("no device's key");
  expect(refused({ ...key, key: `00${key.key.slice(2)}` })).toThrow("another's");
});
