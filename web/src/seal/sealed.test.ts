import { hexToBytes } from "viem";
import { expect, test } from "vitest";
import vector from "../../../crates/seal/tests/golden/vector.json";
import { open } from "./hpke";
import { signatureOf, unseal } from "./sealed";

const bytes = (hex: string) => hexToBytes(`0x${hex}`);

test("a data key that the network's library sealed opens, and no other way", () => {
  const sealed = bytes(vector.ct);
  const opening = signatureOf(bytes(vector.sig));
  expect(unseal(sealed, opening)).toEqual(bytes(vector.dk));
  for (const at of [0, 100, 140]) {
    const changed = Uint8Array.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(() => unseal(changed, opening), `byte ${at}`).toThrow();
  }
  expect(() => unseal(sealed, opening.double())).toThrow();
});

test("HPKE opens the first message of RFC 9180, appendix A.2", () => {
  const plain = open(
    bytes("8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb"),
    bytes("1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a"),
    bytes("1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28"),
    bytes("4f6465206f6e2061204772656369616e2055726e"),
    bytes("436f756e742d30"),
  );
  expect(new TextDecoder().decode(plain)).toBe("Beauty is truth, truth beauty");
});
