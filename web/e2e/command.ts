/** The command line beside the browser: what the samples' people and the members do there. */
import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { dirname, join } from "node:path";
import { origin, world } from "./page";

/** A directory of this test's own. */
export const scratch = () => mkdtempSync(join(world.dir, "scratch-"));

function run(env: Record<string, string>, args: string[]): unknown {
  const said = execFileSync(world.program, [...args, "--json"], {
    encoding: "utf8",
    env: { ...process.env, ...env, COMMONHOLD_PASSPHRASE: world.peoplePassphrase, COMMONHOLD_RPC: origin },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return said.trim() === "" ? undefined : JSON.parse(said);
}

/** A command as one of the samples' people, by the name of their file: `hill`, `vera`. */
export function as<T>(who: string, ...args: string[]): T {
  const keystore = dirname(world.people[0]?.file ?? "");
  return run({ COMMONHOLD_KEYSTORE: keystore, COMMONHOLD_ACCOUNT: who }, args) as T;
}

/** A command without an account. */
export const command = <T>(...args: string[]) => run({}, args) as T;

/** The recovery file of the account that acts for a member, counted from one. */
export function memberFile(number: number): string {
  const keystore = scratch();
  const name = `member-${number}`;
  run({ COMMONHOLD_KEYSTORE: keystore }, [
    "account",
    "import",
    name,
    join(world.network, name, "account.key"),
  ]);
  return join(keystore, `${name}.json`);
}
