/** Who did not answer well, and how. */

/** What a node said that the network's key, or what was seen before, refutes. */
export class Lie extends Error {}

/** A node shows as the newest what is older than what was seen. */
export class Behind extends Error {
  constructor(told: number, seen: number) {
    super(`it is behind: block ${told} is the newest that it shows, where block ${seen} is final`);
  }
}

/** A node that did not answer well. */
export interface NodeFault {
  node: string;
  /** What it was asked for, in words. */
  asked: string;
  /** It says what is not so; it shows what is old; it gives no answer, or says that there is none. */
  kind: "lie" | "behind" | "silent";
  why: string;
}

export function faultOf(node: string, asked: string, error: unknown): NodeFault {
  const why = error instanceof Error ? error.message : String(error);
  const kind = error instanceof Lie ? "lie" : error instanceof Behind ? "behind" : "silent";
  return { node, asked, kind, why };
}

/** No node answered well; each is named with what it did instead. */
export class NoAnswer extends Error {
  readonly faults: NodeFault[];

  constructor(faults: NodeFault[]) {
    super(faults.map(({ node, asked, why }) => `${node}, asked for ${asked}: ${why}`).join("; "));
    this.faults = faults;
  }
}
