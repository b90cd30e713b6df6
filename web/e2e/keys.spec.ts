/** Keys: made, kept, saved, locked, lost and recovered; wallets; and what one signs. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { type Hex, hexToBigInt, type TransactionSerializableEIP1559 } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { expect, expectAccessible, test, world } from "./page";

const passphrase = "seven words are easier than signs here";

function commonhold(keystore: string, ...args: string[]): { address: string; encryptionKey: string } {
  const env = { ...process.env, COMMONHOLD_PASSPHRASE: passphrase, COMMONHOLD_KEYSTORE: keystore };
  return JSON.parse(execFileSync(world.program, [...args, "--json"], { encoding: "utf8", env }));
}

async function make(page: Page, name: string): Promise<void> {
  await page.goto("/account");
  await page.getByLabel("Name", { exact: true }).first().fill(name);
  await page.getByLabel("Passphrase", { exact: true }).first().fill(passphrase);
  await page.getByLabel("Passphrase again").fill(passphrase);
  await page.getByRole("button", { name: "Make a key" }).click();
  await expect(page.getByRole("heading", { name: "Keep your recovery file" })).toBeVisible();
}

async function saveFile(page: Page, button: string): Promise<string> {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: button }).click(),
  ]);
  return download.path();
}

test("a key is made, saved, taken by the command line, registered, locked and opened again", async ({
  page,
}) => {
  await page.goto("/account");
  await page.getByRole("button", { name: "Make a key" }).click();
  await expect(page.getByText("The passphrase needs at least 12 characters.")).toBeVisible();
  await make(page, "web-key");
  await expect(page.getByRole("button", { name: "Saved. Go on" })).toBeDisabled();
  const file = await saveFile(page, "Save the recovery file");
  await page.getByRole("button", { name: "Saved. Go on" }).click();
  await expect(page.getByRole("heading", { name: "Signed in" })).toBeVisible();
  await expectAccessible(page);

  const keystore = mkdtempSync(join(world.dir, "keystore-"));
  const taken = commonhold(keystore, "account", "import", "copy", file);
  const main = page.getByRole("main");
  await expect(main).toContainText(taken.address);
  await expect(main).toContainText(taken.encryptionKey);
  expect(readFileSync(file, "utf8")).not.toContain(passphrase);

  await page.getByLabel("Name that others see").fill("Carol at the desk");
  await page.getByRole("button", { name: "Register" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("You are listed on this network under the name “Carol at the desk”");
  await expect(dialog).toContainText("It costs nothing");
  await expect(dialog).not.toContainText(/\b(gas|nonce|hash)\b/i);
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Sign" }).click();
  await expect(dialog).toContainText("Done, and final.");
  await dialog.getByRole("button", { name: "Close" }).click();
  await expect(main).toContainText("Carol at the desk");

  await page.getByRole("button", { name: "Lock" }).click();
  await page.reload();
  await page.getByRole("button", { name: "Use web-key" }).click();
  await page.getByLabel("Passphrase (web-key)").fill("not the passphrase");
  await page.getByRole("button", { name: "Unlock" }).click();
  await expect(page.getByText("That passphrase does not open this key.")).toBeVisible();
  await page.getByLabel("Passphrase (web-key)").fill(passphrase);
  await page.getByRole("button", { name: "Unlock" }).click();
  await expect(page.getByRole("heading", { name: "Signed in" })).toBeVisible();

  await page.getByRole("button", { name: "Remove from this browser" }).click();
  await expect(page.getByRole("button", { name: "Remove", exact: true })).toBeDisabled();
  await page.getByLabel("I have the recovery file").check();
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await expect(page.getByText("There is no key in this browser yet")).toBeVisible();
  await page.getByLabel("Recovery file").setInputFiles(file);
  await page.getByLabel("Name", { exact: true }).last().fill("again");
  await page.getByLabel("Passphrase", { exact: true }).last().fill(passphrase);
  await page.getByRole("button", { name: "Take it in" }).click();
  await expect(main).toContainText("Carol at the desk");
});

test("an account of the command line is taken in; other files are refused", async ({ page }) => {
  const keystore = mkdtempSync(join(world.dir, "keystore-"));
  const made = commonhold(keystore, "account", "new", "cli-key");
  await page.goto("/account");
  const input = page.getByLabel("Recovery file");
  await input.setInputFiles({
    name: "x.json",
    mimeType: "application/json",
    buffer: Buffer.from('{"version":1}'),
  });
  await expect(page.getByRole("alert")).toContainText("no keystore");
  await input.setInputFiles(join(keystore, "cli-key.json"));
  await page.getByLabel("Passphrase", { exact: true }).last().fill(passphrase);
  await page.getByRole("button", { name: "Take it in" }).click();
  await expect(page.getByRole("main")).toContainText(made.address);
});

test("a browser that keeps nothing says so, and the key works until the page is closed", async ({ page }) => {
  await page.addInitScript(() => {
    Object.defineProperty(window, "indexedDB", {
      get: () => ({
        open: () => {
          throw new DOMException("blocked", "SecurityError");
        },
      }),
    });
  });
  await page.goto("/account");
  await expect(page.getByText("This browser does not keep anything for this page")).toBeVisible();
  await make(page, "passing");
  await expect(page.getByRole("alert")).toContainText("does not keep anything");
  await saveFile(page, "Save the recovery file");
  await page.getByRole("button", { name: "Saved. Go on" }).click();
  await expect(page.getByRole("heading", { name: "Signed in" })).toBeVisible();
});

test("a browser without room says so, and nothing is lost", async ({ page }) => {
  await page.addInitScript(() => {
    IDBObjectStore.prototype.put = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
  });
  await make(page, "crowded");
  await expect(page.getByRole("alert")).toContainText("no room left");
  const file = await saveFile(page, "Save the recovery file");
  expect(JSON.parse(readFileSync(file, "utf8")).version).toBe(3);
});

test("a wallet signs instead", async ({ page }) => {
  const account = privateKeyToAccount(world.accounts[7]?.privateKey ?? "0x");
  await page.exposeFunction("signForWallet", async (call: Record<string, Hex>, nonce: Hex) =>
    account.signTransaction({
      type: "eip1559",
      chainId: world.chainId,
      nonce: Number(nonce),
      to: call["to"] ?? null,
      data: call["data"] ?? "0x",
      gas: hexToBigInt(call["gas"] ?? "0x0"),
      maxFeePerGas: 0n,
      maxPriorityFeePerGas: 0n,
    } satisfies TransactionSerializableEIP1559),
  );
  await page.addInitScript((address) => {
    const asked: string[] = [];
    const node = async (method: string, params: unknown[]) => {
      const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
      const headers = { "content-type": "application/json" };
      return (await (await fetch("/", { method: "POST", headers, body })).json()).result;
    };
    const provider = {
      request: async ({ method, params = [] }: { method: string; params?: unknown[] }) => {
        asked.push(method);
        if (method === "eth_requestAccounts") return [address];
        if (method === "wallet_switchEthereumChain")
          throw Object.assign(new Error("unknown chain"), { code: 4902 });
        if (method === "wallet_addEthereumChain") return null;
        const sign = (
          window as unknown as { signForWallet: (call: unknown, nonce: string) => Promise<string> }
        ).signForWallet;
        const nonce = await node("eth_getTransactionCount", [address, "pending"]);
        return node("eth_sendRawTransaction", [await sign(params[0], nonce)]);
      },
    };
    const info = { uuid: "1", name: "Test <b>Wallet", icon: "https://example.org/spy.png", rdns: "test" };
    const announce = () =>
      window.dispatchEvent(
        new CustomEvent("eip6963:announceProvider", { detail: Object.freeze({ info, provider }) }),
      );
    window.addEventListener("eip6963:requestProvider", announce);
  }, account.address);
  await page.goto("/account");
  await page.getByRole("button", { name: "Use Test <b>Wallet" }).click();
  await expect(page.getByRole("main")).toContainText(account.address);
  await page.getByLabel("Name that others see").fill("Walletta");
  await page.getByRole("button", { name: "Register" }).click();
  await expect(page.getByRole("dialog")).toContainText("Nobody can encrypt for you yet");
  await page.getByRole("dialog").getByRole("button", { name: "Sign" }).click();
  await expect(page.getByRole("dialog")).toContainText("Done, and final.");
});
