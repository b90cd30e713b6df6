/** The members' votes: proposed from a file, from a form, voted on, decided, taken back. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { command, memberFile, scratch } from "./command";
import { expect, expectFine, type Page, test, world } from "./page";
import { sign, signIn, signInBy, visit } from "./person";

const main = (page: Page) => page.getByRole("main");

/** Proposes what is filled in, and gives the proposal's number. */
async function propose(page: Page, reason: string, effect: string): Promise<string> {
  await page.getByLabel("Why").fill(reason);
  await page.getByRole("button", { name: "Propose it" }).click();
  await expect(page.getByRole("dialog")).toContainText("Proposing is voting for it");
  await sign(page, effect, "Propose it");
  await expect(page).toHaveURL(/\/members\/votes$/);
  const card = page.getByRole("region", { name: /^Proposal / }).filter({ hasText: reason });
  const title = (await card.getByRole("heading").textContent()) ?? "";
  return /^Proposal (\d+)/.exec(title)?.[1] ?? "";
}

async function vote(page: Page, id: string, action: string, reason: string, effect: string): Promise<void> {
  await visit(page, `/members/votes/${id}`);
  await page.getByRole("button", { name: action }).click();
  const button = page.getByRole("button", { name: action });
  await button.click();
  await expect(main(page)).toContainText("Say why, in up to 256 bytes.");
  await page.getByLabel(/^Why you are/).fill(reason);
  await button.click();
  await sign(page, effect, action);
}

test("an application is checked, proposed, voted on and decided", async ({ page }) => {
  const dir = scratch();
  const [file, other] = [join(dir, "valley.json"), join(dir, "founding.json")];
  const config = join(world.network, "member-1/config.toml");
  const words = ["--name", "Valley Hospital", "--endpoint", "node.valley.example:9701"];
  const acts = ["--acts", world.accounts[8]?.address ?? ""];
  const key = ["--identity", join(dir, "new.key"), "--new"];
  command("member", "application", "--config", config, ...key, ...words, ...acts, "-o", file);
  const { application: _, ...founding } = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(other, JSON.stringify(founding));
  let id = "";
  await test.step("a member drops it, and proposes it", async () => {
    await signInBy(page, memberFile(1));
    await visit(page, "/members/propose");
    await expectFine(page);
    const input = page.getByLabel("Choose the file");
    const given = (text: string) => ({
      name: "a.json",
      mimeType: "application/json",
      buffer: Buffer.from(text),
    });
    for (const [wrong, says] of [
      ["no json", "That is no application"],
      ["{}", "That is no application"],
      [" ".repeat(9_000), "That is longer than any application"],
      [readFileSync(other, "utf8"), "to found a network"],
      [readFileSync(file, "utf8").replace("Valley", "Valley‮"), "did not sign what this file says"],
      [readFileSync(file, "utf8").replace(/"chainId": \d+/, '"chainId": 7'), "for another network"],
    ] as const) {
      await input.setInputFiles(given(wrong));
      await expect(page.getByRole("alert")).toContainText(says);
    }
    await page.getByLabel("Why").fill("nothing was dropped");
    await page.getByRole("button", { name: "Propose it" }).click();
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await input.setInputFiles(file);
    await expect(main(page)).toContainText("The node's key signed all of this, for this network.");
    await expect(main(page)).toContainText("node.valley.example:9701");
    await expectFine(page);
    id = await propose(
      page,
      'runs the hospital <img src=x onerror="window.broken=1"> of the valley',
      "Valley Hospital becomes a member, with a node at node.valley.example:9701",
    );
  });
  await test.step("the second vote is not enough", async () => {
    await signInBy(page, memberFile(2));
    await vote(page, id, "Vote for it", "we know them well", "After it, 1 more vote for it is needed");
    await expect(main(page)).toContainText("You voted for it.");
    await expect(main(page)).toContainText("Have not voted: Member 3, Member 4.");
    await expectFine(page);
  });
  await test.step("the third decides", async () => {
    await signInBy(page, memberFile(3));
    await vote(page, id, "Vote for it", "and so do we", "With your vote it is accepted");
    await expect(main(page).getByText("Accepted", { exact: true })).toBeVisible();
    await expect(main(page)).toContainText(/epoch \d+, that is block/);
    const votes = page.getByRole("table", { name: "Who voted how, and why" });
    await expect(votes).toContainText("we know them well");
    await expectFine(page);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "CSV: Who voted how, and why" }).click(),
    ]);
    const lines = readFileSync(await download.path(), "utf8")
      .trimEnd()
      .split("\r\n");
    expect(lines[0]).toBe("\uFEFFMember,Vote,Why,Voted,Proof");
    expect(lines).toHaveLength(4);
    expect(lines[3]).toMatch(/^Member 3,For,and so do we,\d{4}-.*,0x[0-9a-f]{64}$/);
    await votes.getByRole("link", { name: "Proof: Vote Member 2" }).click();
    await expect(main(page)).toContainText("we know them well");
  });
  await test.step("it is known who is to come", async () => {
    await visit(page, "/members/votes");
    await expect(page.getByRole("table", { name: "All organisations" })).toContainText("Valley Hospital");
    await expect(page.getByRole("table", { name: "All organisations" })).toContainText("To come");
    await expect(main(page)).toContainText(/Decided for later: 5 members from epoch \d+ on/);
    await expectFine(page);
  });
  expect(await page.evaluate(() => (window as { broken?: number }).broken)).toBeUndefined();
});

test("what members are against is refused, and what is taken back is over", async ({ page }) => {
  await signInBy(page, memberFile(1));
  await visit(page, "/members/propose");
  await page.getByLabel("A rule changes").check();
  await page.getByLabel("Days").fill("366");
  await page.getByLabel("Why").fill("a week is short");
  await page.getByRole("button", { name: "Propose it" }).click();
  await expect(main(page)).toContainText("A whole number within the bounds, please.");
  await page.getByLabel("Days").fill("14");
  const rule = await propose(page, "a week is short", "Members have 14 d to vote");
  await visit(page, `/members/votes/${rule}`);
  await page.getByRole("button", { name: "Take it back" }).click();
  await sign(page, "nobody can vote on it any more", "Take it back");
  await expect(main(page).getByText("Withdrawn", { exact: true })).toBeVisible();

  await visit(page, "/members/propose");
  for (const [kind, field, value, wrong] of [
    ["A node moves", "Address for members", "Node.example", "That is not host:port in small letters."],
    ["Another account acts", "Account", "0x12", "An account is 0x and 40 digits"],
  ] as const) {
    await page.getByLabel(kind).check();
    await page.getByLabel("Which member").selectOption("Member 4");
    await page.getByLabel(field, { exact: true }).fill(value);
    await page.getByRole("button", { name: "Propose it" }).click();
    await expect(main(page)).toContainText(wrong);
  }
  await page.getByLabel("Newer software is needed").check();
  await page.getByLabel("Version").fill("2.0.0");
  await page.getByLabel("From epoch").fill("0");
  await page.getByRole("button", { name: "Propose it" }).click();
  await expect(main(page)).toContainText("What is decided now cannot hold before epoch");
  await expectFine(page);

  await page.getByLabel("A member leaves").check();
  await page.getByLabel("Which member").selectOption("Member 4");
  const id = await propose(page, "it is away more often than not", "Member 4 leaves");
  await signInBy(page, memberFile(2));
  await vote(page, id, "Vote against it", "it is not", "more votes for it are needed");
  await signInBy(page, memberFile(3));
  await vote(page, id, "Vote against it", "we need four", "it is refused for ever");
  await expect(main(page).getByText("Refused", { exact: true })).toBeVisible();
});

test("whoever is no member looks, and does not vote", async ({ page }) => {
  await signIn(page, "Anna");
  await visit(page, "/members/votes");
  await expect(main(page)).toContainText("acts for no member in this epoch");
  await visit(page, "/members/propose");
  await expect(page.getByRole("button", { name: "Propose it" })).toHaveCount(0);
});
