/** Stamps of the running network, checked in the browser; and whatever else people drop. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, expectAccessible, test, world } from "./page";

const { ledger, program, members } = world;
const rpc = members[0]?.url ?? "";

function stamp(...what: string[]): string {
  return execFileSync(program, ["stamp", ...what, "--rpc", rpc, "--quiet"], { encoding: "utf8" });
}

const file = (name: string, text: string) => ({
  name,
  mimeType: "application/json",
  buffer: Buffer.from(text),
});

test.describe("without a connection", () => {
  // The page goes on asking for news.
  test.use({ allowed: /ERR_INTERNET_DISCONNECTED/ });

  test("a stamp from a transaction's page is proven, also without a node", async ({ page, context }) => {
    await page.goto(`/transactions/${ledger.registered}`);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download a stamp" }).click(),
    ]);
    const path = join(world.dir, "downloaded.stamp.json");
    await download.saveAs(path);
    await page.goto("/stamp");
    await expect(page.getByLabel("Network key")).toHaveValue(world.networkKey);
    await context.setOffline(true);
    await page.getByLabel("Choose a file").setInputFiles(path);
    await expect(page.getByRole("heading", { name: "Proven", exact: true })).toBeVisible();
    await expect(page.getByRole("main")).toContainText("called “Register” of the records module");
    await expect(page.getByRole("main")).toContainText(ledger.alice);
    await context.setOffline(false);
    await expectAccessible(page);
  });
});

test("records and absences are proven", async ({ page }) => {
  await page.goto("/stamp");
  await page.getByLabel("Choose a file").setInputFiles(file("record.json", stamp("--record", ledger.record)));
  await expect(page.getByRole("heading", { name: "Proven", exact: true })).toBeVisible();
  await expect(page.getByRole("main")).toContainText("application/fhir+json");
  await page.getByRole("button", { name: "Check another" }).click();
  const absent = stamp("--absent", `0x${"00".repeat(18)}abcd`);
  await page.getByText("Paste it").click();
  await page.getByLabel("The stamp as text").fill(absent);
  await page.getByRole("button", { name: "Check it" }).click();
  await expect(page.getByRole("main")).toContainText("is absent");
});

test("a changed byte, another key and wrong files prove nothing", async ({ page }) => {
  const text = stamp(ledger.sent);
  await page.goto("/stamp");
  const refused = async (name: string, content: string, why: RegExp) => {
    await page.getByLabel("Choose a file").setInputFiles(file(name, content));
    await expect(page.getByRole("heading", { name: "Not proven" })).toBeVisible();
    await expect(page.getByRole("alert")).toContainText(why);
    await page.getByRole("button", { name: "Check another" }).click();
  };
  const at = text.indexOf('"raw"') + 40;
  await refused(
    "changed.json",
    text.slice(0, at) + (text[at] === "0" ? "1" : "0") + text.slice(at + 1),
    /changed/,
  );
  await refused("cut.json", text.slice(0, text.length / 2), /not JSON/);
  await refused("key.json", '{"version":3,"crypto":{}}', /fields/);
  await page.getByLabel("Choose a file").setInputFiles({
    name: "photo.png",
    mimeType: "image/png",
    buffer: Buffer.from([0x89, 0x50, 0xff, 0xfe, 0]),
  });
  await expect(page.getByRole("alert")).toContainText("not text");
  await page.getByLabel("Choose a file").setInputFiles({
    name: "film.json",
    mimeType: "application/json",
    buffer: Buffer.alloc(9 * 1024 * 1024, 32),
  });
  await expect(page.getByRole("alert")).toContainText("larger than any stamp");
  await page.getByLabel("Network key").fill(`0x${"11".repeat(96)}`);
  await expect(page.getByText("That is no network key")).toBeVisible();
  // The generator of the group: a key, but not this network's.
  const other =
    "0x93e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8";
  await page.getByLabel("Network key").fill(other);
  await refused("other.json", text, /did not make the certificate/);
});
