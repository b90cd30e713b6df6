/**
 * Keys in the standard form, Web3 Secret Storage version 3, as the command line, geth and wallets read and write
 * it. `address` and `encryptionKey` stand in clear. A file is checked before it is opened: it could ask for any
 * amount of memory.
 */
import { ctr } from "@noble/ciphers/aes.js";
import { x25519 } from "@noble/curves/ed25519.js";
import { blake3 } from "@noble/hashes/blake3.js";
import { pbkdf2Async } from "@noble/hashes/pbkdf2.js";
import { scryptAsync } from "@noble/hashes/scrypt.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, concat, type Hex, hexToBytes, keccak256 } from "viem";
import { privateKeyToAddress } from "viem/accounts";

/** Characters of a keystore file. */
export const FILE_MAX = 64 * 1024;
const MEMORY_MAX = 1024 * 1024 * 1024;
const ROUNDS_MAX = 10_000_000;
/** 64 MiB, and half a second of a laptop. */
const COST = { n: 2 ** 16, r: 8, p: 1 };
const ENCRYPTION_CONTEXT = new TextEncoder().encode("commonhold 2026 x25519 encryption key v1");
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

export interface Keystore {
  version: 3;
  id: string;
  address: string;
  encryptionKey: string;
  crypto: Crypto;
}

interface Crypto {
  cipher: "aes-128-ctr";
  cipherparams: { iv: string };
  ciphertext: string;
  kdf: "scrypt" | "pbkdf2";
  kdfparams: { dklen: 32; salt: string; n?: number; r?: number; p?: number; c?: number; prf?: string };
  mac: string;
}

/** Why a file is no keystore, or does not open. */
export class KeystoreError extends Error {
  /** Whether it is only the passphrase. */
  readonly passphrase: boolean;
  constructor(why: string, passphrase = false) {
    super(why);
    this.passphrase = passphrase;
  }
}

function ensure(holds: boolean, why: string): asserts holds {
  if (!holds) throw new KeystoreError(why);
}

const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));
const hex = (bytes: Uint8Array): string => bytesToHex(bytes).slice(2);
const unhex = (text: string): Uint8Array => hexToBytes(`0x${text.replace(/^0x/, "")}`);

/** Whether bytes are a secret of secp256k1. */
function isSecret(secret: Uint8Array): boolean {
  const value = BigInt(bytesToHex(secret));
  return secret.length === 32 && value > 0n && value < ORDER;
}

export function newSecret(): Uint8Array {
  for (;;) {
    const secret = random(32);
    if (isSecret(secret)) return secret;
  }
}

/** The secret for which others encrypt: one backup of the key keeps both. */
export function encryptionSecret(secret: Uint8Array): Uint8Array {
  return blake3(secret, { context: ENCRYPTION_CONTEXT });
}

/** What others encrypt to. */
export function encryptionKey(secret: Uint8Array): Hex {
  return bytesToHex(x25519.getPublicKey(encryptionSecret(secret)));
}

async function stretch(passphrase: string, { kdf, kdfparams }: Crypto): Promise<Uint8Array> {
  const password = new TextEncoder().encode(passphrase);
  const { salt, n, r, p, c } = kdfparams;
  if (kdf === "pbkdf2") return pbkdf2Async(sha256, password, unhex(salt), { c: c ?? 0, dkLen: 32 });
  return scryptAsync(password, unhex(salt), {
    N: n ?? 0,
    r: r ?? 0,
    p: p ?? 0,
    dkLen: 32,
    maxmem: MEMORY_MAX * 2,
  });
}

/** A version 4 UUID; `crypto.randomUUID` is missing on pages that came without TLS. */
function uuid(): string {
  const bytes = random(16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export async function encrypt(secret: Uint8Array, passphrase: string, cost = COST): Promise<Keystore> {
  const iv = random(16);
  const box: Crypto = {
    cipher: "aes-128-ctr",
    cipherparams: { iv: hex(iv) },
    ciphertext: "",
    kdf: "scrypt",
    kdfparams: { dklen: 32, salt: hex(random(32)), ...cost },
    mac: "",
  };
  const key = await stretch(passphrase, box);
  const ciphertext = ctr(key.subarray(0, 16), iv).encrypt(secret);
  box.ciphertext = hex(ciphertext);
  box.mac = keccak256(concat([key.subarray(16, 32), ciphertext])).slice(2);
  return {
    version: 3,
    id: uuid(),
    address: privateKeyToAddress(bytesToHex(secret)).slice(2).toLowerCase(),
    encryptionKey: encryptionKey(secret),
    crypto: box,
  };
}

const whole = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0;

function isHex(value: unknown, length: number, least = length): value is string {
  if (typeof value !== "string") return false;
  const text = value.replace(/^0x/, "");
  return /^([0-9a-fA-F]{2})*$/.test(text) && text.length <= 2 * length && text.length >= 2 * least;
}

/** Reads a file, and refuses what is not a keystore or would take too much to open. */
export function parse(text: string): { crypto: Crypto; address: string | undefined } {
  ensure(text.length <= FILE_MAX, "it is larger than any key");
  let file: {
    version?: unknown;
    address?: unknown;
    crypto?: Partial<Crypto>;
    Crypto?: Partial<Crypto>;
  } | null;
  try {
    file = JSON.parse(text);
  } catch {
    throw new KeystoreError("it is not JSON");
  }
  const box = file?.crypto ?? file?.Crypto;
  ensure(typeof box === "object" && box !== null, "it is no keystore");
  ensure(file?.version === 3, "its version is not 3");
  ensure(box.cipher === "aes-128-ctr", "its cipher is not aes-128-ctr");
  ensure(isHex(box.cipherparams?.iv, 16), "its iv has not 16 bytes");
  ensure(isHex(box.ciphertext, 32), "its ciphertext has not 32 bytes");
  ensure(isHex(box.mac, 32), "its mac has not 32 bytes");
  const params = box.kdfparams;
  ensure(params?.dklen === 32 && isHex(params.salt, 64, 0), "its kdf's parameters are not usable");
  if (box.kdf === "scrypt") {
    const { n, r, p } = params;
    ensure(whole(n) && n > 1 && Number.isInteger(Math.log2(n)), "its n is not a power of two");
    ensure(whole(r) && r <= 64 && whole(p) && p <= 64, "its r or p is out of range");
    ensure(n * r * 128 <= MEMORY_MAX && n * r * p * 128 <= MEMORY_MAX, "it asks for too much memory");
  } else {
    ensure(box.kdf === "pbkdf2", "its kdf is neither scrypt nor pbkdf2");
    ensure(params.prf === "hmac-sha256", "its prf is not hmac-sha256");
    ensure(whole(params.c) && params.c <= ROUNDS_MAX, "it asks for too many rounds");
  }
  return {
    crypto: box as Crypto,
    address: isHex(file.address, 20) ? file.address.replace(/^0x/, "") : undefined,
  };
}

/** The secret in a file. */
export async function decrypt(text: string, passphrase: string): Promise<Uint8Array> {
  const { crypto: box } = parse(text);
  const key = await stretch(passphrase, box);
  const ciphertext = unhex(box.ciphertext);
  const mac = keccak256(concat([key.subarray(16, 32), ciphertext])).slice(2);
  if (mac !== box.mac.replace(/^0x/, "").toLowerCase())
    throw new KeystoreError("the passphrase is wrong", true);
  const secret = ctr(key.subarray(0, 16), unhex(box.cipherparams.iv)).decrypt(ciphertext);
  ensure(isSecret(secret), "what is in it is no key");
  return secret;
}

/** The file, as it is kept and handed out. */
export function write(keystore: Keystore): string {
  return `${JSON.stringify(keystore, null, 2)}\n`;
}
