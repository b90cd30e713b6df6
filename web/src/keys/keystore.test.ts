import { bytesToHex, hexToBytes } from "viem";
import { describe, expect, test } from "vitest";
import { decrypt, encrypt, encryptionKey, KeystoreError, newSecret, parse, write } from "./keystore";

// The vectors of the Web3 Secret Storage definition.
const PASSWORD = "testpassword";
const SECRET = "0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";
const scrypt = {
  crypto: {
    cipher: "aes-128-ctr",
    cipherparams: { iv: "83dbcc02d8ccb40e466191a123791e0e" },
    ciphertext: "d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c",
    kdf: "scrypt",
    kdfparams: {
      dklen: 32,
      n: 262144,
      p: 8,
      r: 1,
      salt: "ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19",
    },
    mac: "2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097",
  },
  id: "3198bc9c-6672-5ab3-d995-4942343ae5b6",
  version: 3,
};
const pbkdf2 = {
  crypto: {
    cipher: "aes-128-ctr",
    cipherparams: { iv: "6087dab2f9fdbbfaddc31a909735c1e6" },
    ciphertext: "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
    kdf: "pbkdf2",
    kdfparams: {
      c: 262144,
      dklen: 32,
      prf: "hmac-sha256",
      salt: "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd",
    },
    mac: "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2",
  },
  id: "3198bc9c-6672-5ab3-d995-4942343ae5b6",
  version: 3,
};
const CHEAP = { n: 2 ** 10, r: 8, p: 1 };

describe("files of others open", () => {
  test.each([
    ["scrypt", scrypt],
    ["pbkdf2", pbkdf2],
  ])("%s", async (_, file) => {
    expect(bytesToHex(await decrypt(JSON.stringify(file), PASSWORD))).toBe(SECRET);
  });
});

test("what is encrypted opens by its passphrase and no other", async () => {
  const secret = newSecret();
  const file = write(await encrypt(secret, "correct horse battery staple", CHEAP));
  expect(await decrypt(file, "correct horse battery staple")).toEqual(secret);
  await expect(decrypt(file, "correct horse battery stable")).rejects.toMatchObject({ passphrase: true });
  const changed = JSON.parse(file);
  changed.crypto.ciphertext = changed.crypto.ciphertext.replace(/^./, (c: string) => (c === "0" ? "1" : "0"));
  await expect(decrypt(JSON.stringify(changed), "correct horse battery staple")).rejects.toThrow(
    KeystoreError,
  );
});

test("two files of one key have nothing in common but what everybody may know", async () => {
  const secret = hexToBytes(SECRET);
  const [one, two] = [await encrypt(secret, "passphrase", CHEAP), await encrypt(secret, "passphrase", CHEAP)];
  expect(one.address).toBe("008aeeda4d805471df9b2a5b0f38a0c3bcba786b");
  expect(one.encryptionKey).toBe(encryptionKey(secret));
  expect(two.crypto.ciphertext).not.toBe(one.crypto.ciphertext);
  expect(two.crypto.kdfparams.salt).not.toBe(one.crypto.kdfparams.salt);
  expect(two.id).not.toBe(one.id);
});

test("the encryption key is the one that the command line derives", () => {
  // From `commonhold account import` of the first well-known account.
  const known = hexToBytes("0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");
  expect(encryptionKey(known)).toMatchInlineSnapshot(
    `"0xd4ca7b4c945d433f061c450bab036e4ff8440053b477e52ae66a5ae88b5c5525"`,
  );
});

describe("files that are refused before anything is computed", () => {
  const changed = (change: (file: typeof scrypt) => void): string => {
    const file = structuredClone(scrypt);
    change(file);
    return JSON.stringify(file);
  };
  test.each([
    ["nothing", ""],
    ["null", "null"],
    ["a list", "[]"],
    ["a stamp", '{"version":1,"header":"0x"}'],
    ["another version", changed((f) => Object.assign(f, { version: 4 }))],
    ["another cipher", changed((f) => Object.assign(f.crypto, { cipher: "aes-256-gcm" }))],
    ["a short key", changed((f) => Object.assign(f.crypto, { ciphertext: "00" }))],
    ["a demand for all memory", changed((f) => Object.assign(f.crypto.kdfparams, { n: 2 ** 40 }))],
    ["a demand for all time", changed((f) => Object.assign(f.crypto.kdfparams, { n: 2 ** 20, p: 64 }))],
    ["no power of two", changed((f) => Object.assign(f.crypto.kdfparams, { n: 262143 }))],
    ["something large", " ".repeat(70_000)],
  ])("%s", (_, text) => {
    expect(() => parse(text)).toThrow(KeystoreError);
  });
});
