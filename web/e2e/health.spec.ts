/** The health application, from sign-in to result: a patient, a researcher, a member of an ethics board. */
import { readFileSync } from "node:fs";
import { expect, expectFine, type Page, test, world } from "./page";
import { sign, signIn, visit } from "./person";

/** What no patient is told. */
const JARGON = /\b(gas|nonce|hash|wallet|transaction)\b/i;

async function download(page: Page, click: () => Promise<void>): Promise<string> {
  const [file] = await Promise.all([page.waitForEvent("download"), click()]);
  return readFileSync(await file.path(), "utf8");
}

test("a patient sees what is kept, shares, answers, reviews, and takes back", async ({ page }) => {
  await signIn(page, "Anna");
  const main = page.getByRole("main");
  await test.step("my data", async () => {
    await visit(page, "/health");
    await expect(page.getByRole("table", { name: "By kind" })).toContainText("Lab results");
    await expect(main).toContainText("Northside Hospital");
    await expect(main).toContainText("Harbour Clinic");
    await expect(main).not.toContainText(JARGON);
    await expectFine(page);
    const csv = await download(page, () => page.getByRole("button", { name: "CSV: Each part" }).click());
    expect(csv).toMatch(/^\uFEFFKind,Registered,Brought by,/);
    await page.getByRole("link", { name: "Proof: Registered" }).first().click();
    await expect(main).toContainText("Slice registered");
  });
  await test.step("sharing, step by step", async () => {
    await visit(page, "/health/sharing/new");
    const onwards = page.getByRole("button", { name: "Go on" });
    await expect(onwards).toBeDisabled();
    await page.getByLabel("A person or an organisation").check();
    await page.getByLabel("Address or handle").fill("nobody.at.all");
    await onwards.click();
    await expect(page.getByText("Nobody is known as that.")).toBeVisible();
    const clinic = world.people.find(({ name }) => name === "Harbour Clinic");
    await page.getByLabel("Address or handle").fill(clinic?.address ?? "");
    await expectFine(page);
    await onwards.click();
    await page.getByLabel("Treatment").check();
    await onwards.click();
    await page.getByRole("checkbox", { name: "Allergies", exact: false }).first().check();
    await expectFine(page);
    await onwards.click();
    await page.getByLabel("I am asked each time").check();
    await page.getByLabel("For a month").check();
    await expectFine(page);
    await onwards.click();
    await expect(main).toContainText("Harbour Clinic may see Allergies for treatment.");
    await expect(page.getByRole("table", { name: "What they will see" })).toContainText("Allergies");
    await expect(page.getByRole("table", { name: "What they will see" })).not.toContainText("Lab results");
    await expect(main).toContainText(/They will not see:.*Lab results/);
    await expectFine(page);
    await page.getByRole("button", { name: "Share", exact: true }).click();
    await sign(page, "Harbour Clinic may see Allergies for treatment", "Share");
    await page.getByRole("button", { name: "To who can see it" }).click();
  });
  await test.step("one switch off", async () => {
    const permit = "Harbour Clinic may see Allergies for treatment";
    await expect(main).toContainText(permit);
    await expect(main).not.toContainText(JARGON);
    await expectFine(page);
    await page.getByRole("button", { name: `Switch off: ${permit}` }).click();
    await sign(page, `This stops: ${permit}`, "Switch off");
    await expect(page.getByText(permit)).toHaveCount(0);
    await page.getByRole("button", { name: "Switch off: Dr Clara Weiss, Medicines and Lab results" }).click();
    await sign(page, "Dr Clara Weiss can no longer open Medicines and Lab results", "Switch off");
  });
  await test.step("requests are approved in part, refused, stopped", async () => {
    await visit(page, "/health/requests");
    await expect(main).not.toContainText(JARGON);
    await expectFine(page);
    const clara = page.getByRole("region", { name: /^Request/ }).filter({ hasText: "Dr Clara Weiss" });
    await expect(clara.getByRole("button", { name: "Approve" })).toBeDisabled();
    await clara.getByLabel("Conditions").check();
    await clara.getByRole("button", { name: "Approve" }).click();
    await sign(page, "Dr Clara Weiss can open Conditions for treatment, until", "Approve");
    const mallory = page.getByRole("region", { name: /^Request/ }).filter({ hasText: "<img src=x" });
    await expect(mallory).toContainText('<img src=x onerror="window.broken=1"> مس…');
    await mallory.getByRole("button", { name: "Refuse" }).click();
    await sign(page, "gets nothing of what this request asks for", "Refuse");
    await expect(mallory).toHaveCount(0);
    const rosa = page.getByRole("region", { name: /^Request/ }).filter({ hasText: "Opens by itself" });
    await rosa.getByRole("button", { name: "Stop it" }).click();
    await sign(page, "Rosa Lindqvist does not get Medicines and Lab results", "Stop it");
    await page.getByRole("button", { name: "It was an emergency" }).click();
    await sign(page, "Dr Carl Mendes keeps the right", "It was an emergency");
    await expect(page.getByText("Was one")).toBeVisible();
  });
  await test.step("activity", async () => {
    await visit(page, "/health/activity");
    await expect(main).toContainText("Emergency confirmed: opened");
    await expect(main).not.toContainText(JARGON);
    await expectFine(page);
    await page.getByRole("link", { name: "Refusals" }).click();
    await expect(page.getByRole("table")).toContainText("the time in which you may stop it is not over");
    const csv = await download(page, () => page.getByRole("button", { name: "CSV: Activity" }).click());
    expect(csv).toContain("Refused: ");
    expect(csv).not.toContain("Opened");
  });
  await test.step("leaving a study", async () => {
    await visit(page, "/health/sharing");
    await page.getByRole("button", { name: "Leave study 1" }).click();
    await sign(page, "You leave Study 1, for good", "Leave");
    await expect(main).toContainText("You left");
  });
  expect(await page.evaluate(() => (window as { broken?: number }).broken)).toBeUndefined();
});

test("a researcher asks, sees the decision before, and opens what is permitted", async ({ page }) => {
  await signIn(page, "Rosa Lindqvist");
  const main = page.getByRole("main");
  await visit(page, "/health/studies/1");
  await page.getByRole("link", { name: "Ask for data" }).click();
  const ben = world.people.find(({ name }) => name === "Ben");
  await page.getByLabel("Of whom").fill(ben?.address ?? "");
  await page.getByLabel("Vaccinations", { exact: false }).first().check();
  const decided = page.getByRole("table", { name: "How it would be decided" });
  await expect(decided).toContainText("Allowed");
  await expect(decided).toContainText("health research is allowed");
  await page.getByLabel("What for").selectOption("Family");
  await expect(decided).toContainText("Refused");
  await page.getByLabel("What for").selectOption("Research");
  await expect(decided).toContainText("Allowed");
  await expectFine(page);
  await page.getByRole("button", { name: "Ask", exact: true }).click();
  await sign(page, "You ask Ben for Vaccinations for research, Study 1, for 30 days", "Ask");
  await page.getByRole("button", { name: "Requests made" }).click();
  await expect(page.getByRole("table")).toContainText("Open");
  await expectFine(page);
  await page.getByRole("link", { name: "Fetch" }).first().click();
  await page.getByRole("button", { name: "Fetch: Vaccinations" }).click();
  await sign(page, "You open 1 part of Ben’s records", "Fetch");
  const got = page.getByRole("region", { name: "Vaccinations", exact: true });
  await expect(got).toContainText("members gave a good part of the key");
  await expect(got).toContainText("Holds: 1 Immunization");
  await expectFine(page);
  const text = await download(page, () => got.getByRole("button", { name: /^Save/ }).click());
  expect(JSON.parse(text).entry[0].resource.resourceType).toBe("Immunization");
  await visit(page, "/health/files");
  await expect(main).toContainText("commonhold health fetch");
  await expectFine(page);
});

test("a member of an ethics board votes, and the study is approved", async ({ page }) => {
  await signIn(page, "Emma Sato");
  await visit(page, "/health/votes");
  const ballot = page.getByRole("region", { name: "Ballot 2" });
  await expect(ballot).toContainText("Study 2, version 1");
  await expectFine(page);
  await ballot.getByRole("button", { name: "Approve" }).click();
  await sign(page, "You vote to approve version 1 of Study 2", "Approve");
  await expect(ballot).toHaveCount(0);
  await expect(page.getByRole("table", { name: "All ballots" }).getByRole("row").nth(1)).toContainText(
    "Approved",
  );
  await visit(page, "/health/studies/2");
  await expect(page.getByRole("main")).toContainText("Approved until");
});

test("who is new is told what to do next", async ({ page }) => {
  await signIn(page, "Northside Hospital");
  const main = page.getByRole("main");
  await visit(page, "/health/data");
  await expect(main).toContainText("Nothing is kept about you yet");
  await visit(page, "/health/sharing");
  await expect(main).toContainText("You allow nothing");
  await visit(page, "/health/requests");
  await expect(main).toContainText("Nobody waits for an answer");
  await visit(page, "/health/activity");
  await expect(main).toContainText("Nothing has happened yet");
  await visit(page, "/health/asked");
  await expect(main).toContainText("You have asked for nothing yet");
});
