/** What people of works do in the browser: bids laid open, evidence brought, appeals decided, defects, notices. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { as, command, memberFile, scratch } from "./command";
import { expect, expectFine, type Page, test } from "./page";
import { sign, signIn, signInBy, visit } from "./person";

const main = (page: Page) => page.getByRole("main");
const samples = new URL("../../samples/works/", import.meta.url).pathname;
const DAY = 86_400;

/** CRC-16/CCITT-FALSE. */
function crc16(bytes: Buffer): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
  }
  return crc;
}

/**
 * The sample's trace, measured at another time: its block of what is fixed begins with the time. One point of it
 * differs, too: what is the same as on the ledger counts for nothing.
 */
function measured(name: string, time: number): Buffer {
  const trace = readFileSync(join(samples, "traces", name));
  const points = trace.lastIndexOf("DataPts\0") + "DataPts\0".length + 12;
  trace.writeUInt16LE(trace.readUInt16LE(points + 2_000) ^ 1, points + 2_000);
  trace.writeUInt32LE(time, trace.lastIndexOf("FxdParams\0") + "FxdParams\0".length);
  trace.writeUInt16LE(crc16(trace.subarray(0, -2)), trace.length - 2);
  return trace;
}

test("bids are laid open after the deadline, by anybody", async ({ page }) => {
  const dir = scratch();
  const { package: part } = as<{ package: number }>("nordnet", "works", "package", "add", "1", "Ring <b>");
  const seconds = ["--seconds", "10"];
  const { tender } = as<{ tender: number }>("nordnet", "works", "tender", "open", String(part), ...seconds);
  for (const [who, price] of [
    ["hill", 412_000],
    ["ridge", 398_500],
  ] as const) {
    const file = join(dir, `${who}.json`);
    writeFileSync(file, JSON.stringify({ note: `<script>${who}</script>`, price_minor: price }));
    as(who, "works", "tender", "bid", String(tender), file);
  }
  await signIn(page, "Vera Ortiz");
  await visit(page, `/works/bids/${tender}`);
  const open = page.getByRole("button", { name: "Lay the bids open" });
  await open.click();
  await expect(page.getByRole("dialog")).toContainText("<script>ridge</script>");
  await sign(page, `You lay 2 bids of tender ${tender} open`, "Lay the bids open");
  const bids = page.getByRole("table", { name: /^Bids/ });
  await expect(bids).toContainText("3,985.00");
  await expect(bids).toContainText("4,120.00");
  await expect(open).toHaveCount(0);
  await expectFine(page);
});

test("traces are dropped with their keys, signed, brought and judged", async ({ page }) => {
  const dir = scratch();
  const keys = ["near", "far"].map((name) => join(dir, `${name}.key`));
  for (const key of keys) {
    command("device", "new", key);
    as("hill", "device", "enrol", key, "--model", "OTDR");
  }
  const devices = keys.map((key) => String(JSON.parse(readFileSync(key, "utf8")).device));
  const start = Math.floor(Date.now() / 1000);
  const form = JSON.parse(readFileSync(join(samples, "order.json"), "utf8"));
  const order = {
    ...form,
    work_order: "WO-BROWSER",
    fibres: ["K01"],
    test_window_unix: [start - DAY, start + 30 * DAY],
    min_averaging_time_s: 16,
  };
  const file = join(dir, "order.json");
  writeFileSync(file, JSON.stringify(order));
  const issue = ["works", "order", "issue", "1", "2", file, "--device", devices.join(",")];
  const { order: number } = as<{ order: number }>("vera", ...issue);
  await signIn(page, "Hill & Sons");
  await visit(page, `/works/fibre/${number}`);
  const input = page.getByLabel("Choose files");
  const rows = page.getByRole("table", { name: "Files to bring" });
  const given = (name: string, buffer: Buffer) => ({ name, mimeType: "application/octet-stream", buffer });
  await test.step("what is no evidence is said so", async () => {
    const trace = measured("K01_AB_1310.sor", start);
    const [strange] = ["another", "near"].map((name) => join(dir, `${name}.key`));
    command("device", "new", strange ?? "");
    await input.setInputFiles([
      given("photo‮gpj.png", Buffer.from("\x89PNG")),
      given("cut.sor", trace.subarray(0, 700)),
      given("K02.sor", measured("K02_AB_1310.sor", start)),
      given("strange.key", readFileSync(strange ?? "")),
      given("large.sor", Buffer.alloc(2_000_000)),
    ]);
    await expect(rows).toContainText("photo‹U+202E›gpj.png");
    await expect(rows).toContainText("No whole trace");
    await expect(rows).toContainText("Of a fibre that this order does not name (K02)");
    await expect(rows).toContainText("Key of an instrument that this order does not name");
    await expect(rows).toContainText("Larger than any trace");
    await expect(page.getByRole("button", { name: "Bring it" })).toBeDisabled();
    await expectFine(page);
    await page.getByRole("button", { name: "Begin again" }).click();
  });
  await test.step("a whole fibre is brought, and judged", async () => {
    const names = ["K01_AB_1310.sor", "K01_BA_1310.sor", "K01_AB_1550.sor", "K01_BA_1550.sor"];
    // The order takes what was measured after it, by instruments that were enrolled by then.
    const time = Math.floor(Date.now() / 1000);
    await input.setInputFiles(names.map((name, at) => given(name, measured(name, time + 16 * at))));
    await expect(main(page)).toContainText("The key of the instrument at end A and B is missing.");
    await input.setInputFiles(keys);
    await expect(rows).toContainText("Fibre K01, 1550 nm, from end B");
    await expectFine(page);
    await page.getByRole("button", { name: "Bring it" }).click();
    await sign(page, `You bring 4 traces of K01 for order ${number}`, "Bring it");
    await expect(rows.getByText("K01_AB_1310.sor")).toHaveCount(0);
    await expect(page.getByRole("table", { name: "What was found" })).toContainText("Clean");
    await expect(page.getByRole("table", { name: "Fibres" })).toContainText(/Accepted|To be reviewed/);
    await expectFine(page);
    await visit(page, `/works/fibre/${number}/K01`);
    await expect(main(page)).toContainText(
      "Computed again in your browser: the same as the members came to.",
    );
  });
});

test("two members decide an appeal", async ({ page }) => {
  const one = page.getByRole("region", { name: "Appeal 1", exact: true });
  await signInBy(page, memberFile(3));
  await visit(page, "/works/credit");
  await expect(one).toContainText(/About/);
  await expectFine(page);
  await one.getByRole("button", { name: "Amend" }).click();
  await one.getByLabel("What it should be, in percent").fill("101");
  await one.getByRole("button", { name: "Amend" }).click();
  await expect(one).toContainText("A number from 0 to 100");
  await one.getByLabel("What it should be, in percent").fill("62.5");
  await one.getByRole("button", { name: "Amend" }).click();
  await sign(page, "counts as 62.5", "Amend");
  await expect(one).toContainText("1 to amend");
  await signInBy(page, memberFile(4));
  await visit(page, "/works/credit");
  await one.getByRole("button", { name: "Amend" }).click();
  await one.getByLabel("What it should be, in percent").fill("62.50");
  await one.getByRole("button", { name: "Amend" }).click();
  await sign(page, "Another member has said the same", "Amend");
  await expect(one).toHaveCount(0);
  await expect(main(page)).toContainText("No appeal waits for members");
});

test("a defect is raised, and a notice is given", async ({ page }) => {
  await signIn(page, "Vera Ortiz");
  await visit(page, "/works/projects/1?show=site");
  await page.getByRole("button", { name: "Raise the defect" }).click();
  await page.getByLabel("How grave it is").selectOption({ index: 0 });
  await page.getByLabel("Days to mend it").fill("0");
  await expect(page.getByLabel("Days to mend it")).toHaveAttribute("aria-invalid", "true");
  await expect(main(page)).toContainText("A whole number of days from 1 to");
  await page.getByLabel("Days to mend it").fill("9");
  await page.getByLabel("What is wrong").fill("<b>a lid</b> is loose");
  await expectFine(page);
  await page.getByRole("button", { name: "Raise the defect" }).click();
  await sign(page, "is to mend it within 9 days", "Raise the defect");
  await expect(page.getByRole("table", { name: "Defects" })).toContainText("Open");
  await visit(page, "/works/projects/1?show=notices");
  await page.getByRole("button", { name: "Give the notice" }).click();
  await page.getByLabel("What it says").fill("the road is shut until Monday");
  await expectFine(page);
  await page.getByRole("button", { name: "Give the notice" }).click();
  await sign(page, "at the ledger's time", "Give the notice");
  await expect(page.getByRole("table", { name: "Notices" })).toContainText("Vera Ortiz");
});
