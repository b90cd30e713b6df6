/** The energy application, from sign-in to result: a home with a roof, a neighbour, whoever manages the market. */
import { readFileSync } from "node:fs";
import { expect, expectFine, type Page, test, world } from "./page";
import { sign, signIn, visit } from "./person";

/** Of the samples: a home with solar power, one without, and who founded their community. */
const ROOF = "Lena Vogt";
const HOME = "Tom Berger";
const MANAGER = "Riverside Grid";
const STRANGER = "Northside Hospital";

/** What no household is told. */
const JARGON = /\b(gas|nonce|hash|wallet|transaction)\b/i;

async function download(page: Page, click: () => Promise<void>): Promise<string> {
  const [file] = await Promise.all([page.waitForEvent("download"), click()]);
  return readFileSync(await file.path(), "utf8");
}

/** A page as a household sees it: in its words, accessible, on a desktop and on a phone. */
async function look(page: Page, path: string, title: string): Promise<void> {
  await visit(page, path);
  const main = page.getByRole("main");
  await expect(main.getByRole("heading", { level: 1, name: title })).toBeVisible();
  await expect(main).toContainText("Sunny Street");
  await expect(main).not.toContainText(JARGON);
  await expectFine(page);
}

const main = (page: Page) => page.getByRole("main");

/** Billionths of an amount that a file has with all its places. */
const nano = (text: string) => BigInt(text.replace(".", ""));

test("a home looks at its day, its bill, and sets its prices", async ({ page }) => {
  await signIn(page, ROOF);
  await test.step("now", async () => {
    await look(page, "/energy", "Now");
    await expect(main(page)).toContainText("Your home");
    await expect(main(page)).toContainText("From the grid");
  });
  await test.step("today", async () => {
    await look(page, "/energy/today", "Today");
    const table = page.getByRole("table", { name: "The day, slot by slot" });
    await expect(table).toContainText("12:00 to 13:00");
    const csv = await download(page, () =>
      page.getByRole("button", { name: "CSV: The day, slot by slot" }).click(),
    );
    expect(csv).toMatch(/^\uFEFFTime,"From neighbours, kWh",/);
    await page.getByRole("link", { name: "The day before" }).click();
    await page.getByRole("link", { name: "The day after" }).click();
    await table.getByRole("link", { name: "Entry on the ledger: 12:00 to 13:00" }).click();
    await expect(main(page)).toContainText("Settled");
  });
  await test.step("the month and its bill", async () => {
    await look(page, "/energy/month", "Month");
    await page.getByRole("link", { name: "The bill of this month" }).click();
    await expect(main(page)).toContainText(/Equals the sum of its \d+ slots/);
    await expect(main(page)).not.toContainText(JARGON);
    await expectFine(page);
    const csv = await download(page, () => page.getByRole("button", { name: "The bill as a file" }).click());
    const rows = csv
      .trim()
      .split("\r\n")
      .slice(1)
      .map((row) => row.split(","));
    const total = rows.pop();
    const sum = rows.reduce((all, row) => all + nano(row[9] ?? ""), 0n);
    expect(sum).toBe(nano(total?.[9] ?? ""));
  });
  await test.step("its two prices", async () => {
    await look(page, "/energy/limits", "Limits");
    const action = page.getByRole("button", { name: "Set my prices" });
    await expect(action).toBeDisabled();
    const buy = page.getByLabel("Buy from neighbours at most", { exact: true });
    await buy.fill("much");
    await expect(main(page)).toContainText("Write a price in cents");
    await buy.fill("99");
    await expect(action).toBeDisabled();
    await buy.fill("19.3");
    await page.getByLabel("Sell to neighbours at least", { exact: true }).fill("9.1");
    await expect(main(page)).toContainText("With these prices");
    await action.click();
    await sign(
      page,
      "Your home buys from neighbours at 19.30 ct for a kilowatt-hour at most",
      "Set my prices",
    );
    const before = page.getByRole("table", { name: "What you set before" });
    await expect(before.getByRole("row").nth(1)).toContainText("19.30 ct");
    await expect(action).toBeDisabled();
  });
});

test("any slot is recomputed in the browser, from what the meters signed", async ({ page }) => {
  await signIn(page, ROOF);
  await look(page, "/energy/proof", "Proof");
  await expect(main(page)).toContainText("It agrees");
  await page.getByRole("combobox", { name: "Slot" }).selectOption("12:00");
  const checks = page.getByRole("table", { name: "What was compared" });
  await expect(checks).toContainText("Signed by the meters");
  await expect(page.getByRole("region", { name: "Result" })).toContainText("It agrees");
  await expect(page.getByRole("region", { name: "Result" })).toContainText("Your home gave");
  await expect(main(page)).not.toContainText("Differs");
  await expectFine(page);
});

test("certificates are given away, and used by who took power in the same slot", async ({ page }) => {
  await signIn(page, ROOF);
  await look(page, "/energy/certificates", "Certificates");
  const table = page.getByRole("table", { name: "Slot by slot" });
  await table.getByRole("link", { name: /12:00/ }).first().click();
  await expect(page.getByRole("table", { name: "What became of it" })).toContainText("Free");
  await expect(main(page)).not.toContainText(JARGON);
  await expectFine(page);
  await page.getByLabel("How many watt-hours").fill("0");
  await expect(main(page)).toContainText("A whole number from 1 to");
  await page.getByLabel("How many watt-hours").fill("5");
  await page.getByLabel("To whom").selectOption({ label: HOME });
  await page.getByRole("button", { name: "Give away" }).click();
  await sign(page, `5 Wh of your certificate`, "Give away");
  await expect(page.getByRole("table", { name: "What happened to it" })).toContainText("Given to");
});

test("a home without a roof sees its neighbours and votes", async ({ page }) => {
  await signIn(page, HOME);
  await look(page, "/energy/neighbours", "Neighbours");
  await expect(page.getByRole("table", { name: "Homes" })).toContainText(ROOF);
  await page.getByRole("combobox", { name: "How long" }).selectOption("A month");
  await expect(page.getByRole("table", { name: "Homes" })).toContainText(ROOF);
  await look(page, "/energy/rules", "Rules");
  await expect(page.getByRole("table", { name: "All proposals" })).toContainText("Open");
  const open = page.getByRole("region", { name: /^Proposal/ }).first();
  const vote = open.getByRole("button", { name: "Vote against it" });
  if (await vote.isVisible()) {
    await vote.click();
    await sign(page, "You vote against proposal", "Vote against it");
  }
  await expect(open).toContainText("You voted");
});

test("where a slot cleared, and what other rules would have done", async ({ page }) => {
  await signIn(page, MANAGER);
  await visit(page, "/energy/live");
  await page.getByRole("combobox", { name: "Slot" }).selectOption("12:00");
  await expect(page.getByRole("table", { name: "Who wanted what" })).toContainText("Sells");
  await expect(main(page)).toContainText("went from home to home at");
  await expectFine(page);
  await look(page, "/energy/what-if", "What-if");
  const change = page.getByRole("table", { name: "Home by home" });
  await expect(change).toContainText(ROOF);
  await page.getByLabel("How it is shared").selectOption("Shares by weight, once");
  await page.getByLabel("Price between neighbours, ct").fill("15");
  await expect(change).toContainText("+");
  await page.getByLabel("Network fee, ct").fill("free");
  await expect(main(page)).toContainText("Prices are written in cents");
  await page.getByRole("button", { name: "As they are" }).click();
  await expect(change).not.toContainText("+");
});

test("what is settled, and who has what", async ({ page }) => {
  await signIn(page, MANAGER);
  await look(page, "/energy/settlement", "Settlement");
  await expect(page.getByRole("table", { name: /^Slots of/ })).toContainText("Settled");
  await expect(main(page)).toContainText("Balanced");
  await visit(page, "/energy/bill");
  await expect(main(page)).toContainText("Your home is not in Sunny Street yet");
});

test("who is new is told what to do next", async ({ page }) => {
  await signIn(page, STRANGER);
  for (const path of ["", "/today", "/month", "/bill", "/limits", "/certificates"]) {
    await visit(page, `/energy${path}`);
    await expect(main(page)).toContainText("Your home is not in Sunny Street yet");
    await expect(main(page)).toContainText("commonhold energy join");
  }
});

test("a home disputes what its meter said, and the network operator decides", async ({ page }) => {
  const record = `0x${"ab".repeat(32)}`;
  await signIn(page, HOME);
  await look(page, "/energy/corrections", "Corrections");
  await page.getByLabel("Signed reading").fill("no bytes");
  await expect(main(page)).toContainText("These are no bytes in hex");
  await page.getByLabel("What it is about").fill(record);
  await page.getByRole("button", { name: "Dispute the slot" }).click();
  await sign(page, "You dispute what the meter said", "Dispute the slot");
  await signIn(page, MANAGER);
  await look(page, "/energy/corrections", "Corrections");
  const open = page.getByRole("region", { name: /^Decide the dispute/ });
  await open.getByLabel("Measured, Wh").fill("1.5");
  await expect(open).toContainText("A whole number of Wh");
  await open.getByLabel("Measured, Wh").fill("123");
  await open.getByLabel("Your reading").fill(record);
  await open.getByRole("button", { name: "Decide" }).click();
  await sign(page, "measured 0.123 kWh", "Decide");
  await expect(page.getByRole("table", { name: "Corrections" })).toContainText("0.123");
  await expect(open).toBeHidden();
});

test("whoever manages a community invites, and who is invited is told what is missing", async ({ page }) => {
  const stranger = world.people.find(({ name }) => name === STRANGER)?.address ?? "";
  await signIn(page, MANAGER);
  await look(page, "/energy/join", "Join");
  await expect(main(page)).toContainText("You are not invited yet");
  await page.getByLabel("Address", { exact: true }).fill(stranger);
  await page.getByRole("button", { name: "Invite" }).click();
  await sign(page, "may join with a meter", "Invite");
  await signIn(page, STRANGER);
  await look(page, "/energy/join", "Join");
  await expect(main(page)).toContainText(/You have no free meter|What it lets through/);
});
