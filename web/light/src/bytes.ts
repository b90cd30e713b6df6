/** Reading bytes in order; what is short or not in its one form throws. */

export class Reader {
  private at = 0;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  take(length: number): Uint8Array {
    const end = this.at + length;
    if (end > this.bytes.length) throw new Error("it is cut off");
    const taken = this.bytes.subarray(this.at, end);
    this.at = end;
    return taken;
  }

  u8(): number {
    return this.take(1)[0] ?? 0;
  }

  /** A number as LEB128, up to 64 bits, without needless bytes. */
  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.u8();
      if (byte === 0 && shift > 0n) throw new Error("a number is not in its one form");
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        if (value >= 1n << 64n) throw new Error("a number has more than 64 bits");
        return value;
      }
    }
    throw new Error("a number has more than 64 bits");
  }

  flag(): boolean {
    const byte = this.u8();
    if (byte > 1) throw new Error("a flag is neither 0 nor 1");
    return byte === 1;
  }

  /** How far one has read. */
  get position(): number {
    return this.at;
  }

  end(): void {
    if (this.at !== this.bytes.length) throw new Error("something follows it");
  }
}

export function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
