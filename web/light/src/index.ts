/** A network by its key alone: nothing that a node says is believed. */
export { same } from "./bytes.ts";
export { isNetworkKey } from "./certificate.ts";
export {
  check,
  type Log,
  type Proven,
  type ProvenBlock,
  STEPS,
  type Statement,
  type Step,
  statement,
  type Transaction,
  Unproven,
  verify,
} from "./check.ts";
export { Head, LightClient, type Options, type Receipt, type State, type Told } from "./client.ts";
export { Lie, NoAnswer, type NodeFault } from "./fault.ts";
export { type Claim, FormError, parse, STAMP_BYTES_MAX, type Stamp, write } from "./form.ts";
export { type Header, header } from "./header.ts";
export type { Record } from "./record.ts";
export type { Account, Entry } from "./state.ts";
