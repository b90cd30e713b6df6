// Compiles contracts/*.sol and writes { name: { abi, bytecode } } to the file named first.
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import solc from "solc";

const here = import.meta.dirname ?? dirname(new URL(import.meta.url).pathname);
const out = process.argv[2];
const folder = join(here, "contracts");
const files = readdirSync(folder).filter((name) => name.endsWith(".sol"));
const inputs = [...files.map((name) => join(folder, name)), join(here, "package-lock.json")];

const age = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
if (age(out) > Math.max(...inputs.map(age))) process.exit(0);

const result = JSON.parse(
  solc.compile(
    JSON.stringify({
      language: "Solidity",
      sources: Object.fromEntries(
        files.map((name) => [name, { content: readFileSync(join(folder, name), "utf8") }]),
      ),
      settings: {
        optimizer: { enabled: true, runs: 200 },
        outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } },
      },
    }),
  ),
);
for (const problem of result.errors ?? []) console.error(problem.formattedMessage);
if (result.errors?.length) process.exit(1);

const compiled = {};
for (const contracts of Object.values(result.contracts)) {
  for (const [name, { abi, evm }] of Object.entries(contracts)) {
    if (evm.bytecode.object) compiled[name] = { abi, bytecode: `0x${evm.bytecode.object}` };
  }
}
mkdirSync(dirname(out), { recursive: true });
writeFileSync(out, JSON.stringify(compiled));
