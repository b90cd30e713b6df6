/**
 * The modules' interfaces as they were when this app was built, by which a stamp is put into words: the node's
 * word is not asked for. Rust's tests keep these files true.
 */
import type { Abi } from "viem";
import health from "../../../apps/health/contract/tests/golden/health/abi.json";
import accounts from "../../../crates/system/tests/golden/accounts/abi.json";
import devices from "../../../crates/system/tests/golden/devices/abi.json";
import members from "../../../crates/system/tests/golden/members/abi.json";
import records from "../../../crates/system/tests/golden/records/abi.json";
import seals from "../../../crates/system/tests/golden/seals/abi.json";
import token from "../../../crates/system/tests/golden/token/abi.json";
import type { Words } from "./told";

const at = (number: string) => `0xc0000000000000000000000000000000000000${number}`;

export const interfaces: Words = new Map(
  [
    ["01", "members", members],
    ["02", "accounts", accounts],
    ["03", "devices", devices],
    ["04", "records", records],
    ["05", "token", token],
    ["06", "seals", seals],
    ["10", "health", health],
  ].map(([number, name, abi]) => [at(number as string), { name: name as string, abi: abi as Abi }]),
);
