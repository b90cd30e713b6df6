/**
 * The works application, from sign-in to result: a certifier, a contractor, and whoever looks without a key. What the
 * samples hold is asked of the ledger: a running contract with a fibre that was rejected, one that is to be reviewed, a
 * paid certificate and an open defect; a tender with a bid that is still sealed.
 */
import { readFileSync } from "node:fs";
import { type Abi, createPublicClient, http, trim } from "viem";
import { expect, expectFine, origin, type Page, test, world } from "./page";
import { sign, signIn, visit } from "./person";

interface Sample {
  project: bigint;
  contract: bigint;
  title: string;
  order: bigint;
  rejected: string;
  tender: bigint;
  certifier: string;
  contractor: string;
  builder: string;
}

const RUNNING = 1;
const [REVIEW, REJECT] = [2, 3];
const [TENDER, CONTRACT, ORDER, DEFECT] = [2, 3, 5, 7];

type Ask = <T>(functionName: string, ...args: unknown[]) => Promise<T>;

/** The views of the law. */
async function law(): Promise<Ask> {
  const modules = (await (await fetch(`${origin}/api/modules`)).json()) as {
    name: string;
    address: `0x${string}`;
    abi: Abi;
  }[];
  const works = modules.find(({ name }) => name === "works");
  if (!works) throw new Error("the network has no module works");
  const client = createPublicClient({ transport: http(origin) });
  const { address, abi } = works;
  return <T>(functionName: string, ...args: unknown[]) =>
    client.readContract({ address, abi, functionName, args }) as Promise<T>;
}

const numbersOf = async (ask: Ask, kind: number, item: bigint) =>
  (await ask<[bigint[], bigint]>("numbersOf", kind, item, 0n, 100n))[0];

/** The fibres of an order with a verdict, by name. */
async function fibres(ask: Ask, order: bigint, wanted: number): Promise<string[]> {
  const { design } = await ask<{ design: { fibres: `0x${string}`[] } }>("orderOf", order);
  const found: string[] = [];
  for (const name of design.fibres) {
    const { verdict } = await ask<{ verdict: number }>("fibre", order, name);
    const text = Buffer.from(trim(name, { dir: "right" }).slice(2), "hex").toString();
    if (verdict === wanted) found.push(text);
  }
  return found;
}

/** What there is that no test changes. */
async function look(ask: Ask): Promise<Sample> {
  const upTo = async (kind: number) =>
    Array.from({ length: Number(await ask<bigint>("count", kind)) }, (_, at) => BigInt(at + 1));
  const person = (address: string) =>
    world.people.find((one) => one.address.toLowerCase() === address.toLowerCase())?.name;
  const now = BigInt(Math.floor(Date.now() / 1000));
  let tender: bigint | undefined;
  for (const number of await upTo(TENDER)) {
    const found = await ask<{ deadline: bigint; bids: bigint }>("tender", number);
    if (found.deadline > now && found.bids > 0n) tender = number;
  }
  if (!tender) throw new Error("the samples have no tender with a bid that is still sealed");
  for (const contract of await upTo(CONTRACT)) {
    const found = await ask<{
      state: number;
      offer: { package: bigint; contractor: `0x${string}`; certifier: `0x${string}` };
    }>("contractOf", contract);
    const [certifier, contractor] = [person(found.offer.certifier), person(found.offer.contractor)];
    if (found.state !== RUNNING || !certifier || !contractor) continue;
    const [project] = await ask<[bigint]>("package", found.offer.package);
    const [, , title] = await ask<[string, bigint, string]>("project", project);
    for (const order of await numbersOf(ask, ORDER, contract)) {
      const [rejected] = await fibres(ask, order, REJECT);
      const builder = found.offer.contractor;
      if (rejected) {
        return { project, contract, title, order, rejected, tender, certifier, contractor, builder };
      }
    }
  }
  throw new Error("the samples have no running contract of two people with a fibre that was rejected");
}

/** A fibre of the contract that the certifier is to review: its order and name. */
async function reviewed(ask: Ask, { contract }: Sample): Promise<[bigint, string]> {
  for (const order of await numbersOf(ask, ORDER, contract)) {
    const [name] = await fibres(ask, order, REVIEW);
    if (name) return [order, name];
  }
  throw new Error("the samples have no fibre that is to be reviewed");
}

/** A defect of the contract that nobody says is mended. */
async function openDefect(ask: Ask, { contract }: Sample): Promise<bigint> {
  for (const number of await numbersOf(ask, DEFECT, contract)) {
    const { fixedAt, closedAt } = await ask<{ fixedAt: bigint; closedAt: bigint }>("defect", number);
    if (fixedAt === 0n && closedAt === 0n) return number;
  }
  throw new Error("the samples have no defect that is open");
}

async function download(page: Page, click: () => Promise<void>): Promise<Buffer> {
  const [file] = await Promise.all([page.waitForEvent("download"), click()]);
  return readFileSync(await file.path());
}

test("a certifier looks at what waits, at a fibre from both ends, and decides", async ({ page }) => {
  const ask = await law();
  const sample = await look(ask);
  const { order, rejected } = sample;
  const [ordered, name] = await reviewed(ask, sample);
  await signIn(page, sample.certifier);
  const main = page.getByRole("main");
  await test.step("portfolio", async () => {
    await visit(page, "/works");
    await expect(main).toContainText(sample.title);
    await expect(page.getByRole("region", { name: "Waiting for you" })).toContainText(/left|over/);
    await expect(page.getByRole("table", { name: "Money by contract" })).toContainText("Running");
    await expectFine(page);
  });
  await test.step("a fibre that was rejected shows why", async () => {
    await visit(page, `/works/fibre/${order}`);
    await expectFine(page);
    await page.getByRole("link", { name: rejected, exact: true }).click();
    await expect(page.getByRole("table", { name: "Rules" })).toContainText("Fails");
    await expect(page.getByRole("img", { name: /^Traces at 1310 nm from both ends/ })).toBeVisible();
    await expect(main).toContainText("Computed again in your browser: the same as the members came to.");
    const events = page.getByRole("table", { name: "Events 1310 nm" });
    await expect(events).toContainText("Over the limit");
    await expectFine(page);
    await page.getByRole("link", { name: "1550 nm", exact: true }).click();
    await expect(page.getByRole("table", { name: "Events 1550 nm" })).toBeVisible();
    await page
      .getByRole("link", { name: /^Look at (Splice|Connector)/ })
      .first()
      .click();
    await expect(page).toHaveURL(/at=\d/);
    const raw = await download(page, () =>
      page.getByRole("button", { name: "Save the file: 1310 nm from A" }).click(),
    );
    expect(raw.subarray(0, 4).toString("latin1")).toBe("Map\0");
    const csv = await download(page, () => page.getByRole("button", { name: "CSV: Rules" }).click());
    expect(csv.toString()).toMatch(/SPLICE_HARD,1310,\d+,\d+,-?\d+,/);
  });
  await test.step("a review is decided with a reason", async () => {
    await visit(page, "/works/decisions");
    await expectFine(page);
    const review = page.getByRole("region", { name: `Review fibre ${name}`, exact: true });
    await expect(review).toContainText("Silence is not acceptance");
    await review.getByRole("button", { name: "Accept the fibre" }).click();
    const accept = review.getByRole("button", { name: "Accept the fibre" });
    await expect(accept).toBeDisabled();
    await review.getByLabel("Why you accept it").fill("I was there: <b>the instrument</b> averaged nothing");
    await accept.click();
    await sign(page, `Fibre ${name} is accepted, on your word.`, "Accept the fibre");
    await expect(review).toHaveCount(0);
    await visit(page, `/works/fibre/${ordered}/${name}`);
    await expect(main.getByText("Accepted", { exact: true }).first()).toBeVisible();
  });
});

test("a contractor sees the project, the money and the credit, and mends", async ({ page }) => {
  const ask = await law();
  const sample = await look(ask);
  const defect = await openDefect(ask, sample);
  await signIn(page, sample.contractor);
  const main = page.getByRole("main");
  await test.step("a project, of everybody", async () => {
    await visit(page, `/works/projects/${sample.project}`);
    await expect(page.getByRole("table", { name: "What happened" })).toContainText(sample.contractor);
    await expectFine(page);
    await page.getByRole("link", { name: "Evidence", exact: true }).click();
    const rows = page.getByRole("table", { name: "What happened" }).getByRole("row");
    await expect(rows.nth(1)).toContainText(/Fibre|Evidence|order/);
    await expect(page.getByRole("table", { name: "What happened" })).not.toContainText("Contract accepted");
    for (const [view, shows] of [
      ["Contracts", "Milestones"],
      ["Documents", "Handed over"],
      ["Site", "Defects"],
      ["Notices", "Notices"],
    ] as const) {
      await page.getByRole("navigation", { name: "What to show" }).getByRole("link", { name: view }).click();
      await expect(main).toContainText(shows);
      await expectFine(page);
    }
  });
  await test.step("what was certified and paid", async () => {
    await visit(page, `/works/payments/${sample.contract}`);
    const certificates = page.getByRole("table", { name: `Certificates of contract ${sample.contract}` });
    await expect(certificates).toContainText("Certificate 1");
    await expect(page.getByRole("img", { name: /^From gross to payment/ })).toBeVisible();
    await expectFine(page);
    await certificates.getByRole("link", { name: /Proof: certificate 1$/ }).click();
    await expect(main).toContainText("Payment certified");
  });
  await test.step("credit, computed again here", async () => {
    await visit(page, "/works/credit");
    await expect(main).toContainText("Computed again in your browser from the facts: the same.");
    await expect(page.getByRole("table", { name: "Facts" })).toContainText("Proof");
    await expect(page.getByRole("table", { name: "Dimensions" })).toContainText("At the first try");
    await expectFine(page);
  });
  await test.step("a defect is said to be mended", async () => {
    await visit(page, "/works/decisions");
    const mend = page.getByRole("region", { name: `Mend defect ${defect}`, exact: true });
    await mend.getByRole("button", { name: "It is mended" }).click();
    await sign(page, `You say that defect ${defect} is mended.`, "It is mended");
    await expect(mend).toHaveCount(0);
    await visit(page, `/works/projects/${sample.project}?show=site`);
    await expect(page.getByRole("table", { name: "Defects" })).toContainText("Said to be mended");
  });
});

test("whoever has no key sees tenders sealed, the record, and its stamps", async ({ page }) => {
  const main = page.getByRole("main");
  const { builder, contract, order, project, rejected, tender, title } = await look(await law());
  await test.step("every page", async () => {
    for (const [route, shows] of [
      ["/works", title],
      ["/works/decisions", "Sign in to see what is yours"],
      ["/works/payments", `Contract ${contract}`],
      [`/works/credit/${builder}`, "From 700 to the score"],
      ["/works/fibre", `Order ${order}`],
      ["/works/bids", `Tender ${tender}`],
      ["/works/projects/%3Cimg%20src=x%3E", "There is no such project"],
    ] as const) {
      await test.step(route, async () => {
        await page.goto(route);
        await expect(main).toContainText(shows);
        await expect(main.getByRole("heading", { level: 1 })).toHaveCount(1);
        await expect(main.getByText("Loading…")).toHaveCount(0);
        await expectFine(page);
      });
    }
  });
  await test.step("what is not there", async () => {
    for (const [route, shows] of [
      ["/works/fibre/999999", "There is no such order"],
      [`/works/fibre/${order}/nothing`, "There is no such order"],
      ["/works/projects/999999", "There is no such project"],
      ["/works/payments/999999", "There is no such contract"],
      ["/works/bids/0", "There is no such tender"],
      ["/works/nowhere", "There is no such page"],
    ] as const) {
      await visit(page, route);
      await expect(main).toContainText(shows);
    }
    await visit(page, `/works/fibre/${order}/${rejected}`);
    await expect(main).toContainText("Rejected");
  });
  await test.step("a tender is sealed", async () => {
    await visit(page, `/works/bids/${tender}`);
    await expect(main).toContainText("nobody sees more");
    await expect(page.getByRole("table")).toContainText("Sealed");
    await expectFine(page);
  });
  await test.step("the record is searched, and taken along", async () => {
    await visit(page, "/works/audit");
    const table = page.getByRole("table", { name: "Audit" });
    await expect(table).toContainText("Proof");
    await expectFine(page);
    await page.getByRole("searchbox", { name: "Search" }).last().fill(`rejected ${rejected}`);
    await main.getByRole("button", { name: "Search" }).click();
    await expect(table.getByRole("row").nth(1)).toContainText("Fibre rejected");
    const csv = await download(page, () => page.getByRole("button", { name: "CSV: Audit" }).click());
    expect(csv.toString()).toMatch(/^\uFEFFWhen,What,About,Project,Signed by,Block,Proof,Stamp\r\n/);
    expect(csv.toString()).toContain("Fibre rejected");
    const stamp = await download(page, () =>
      page.getByRole("button", { name: "Save the stamp: Fibre rejected" }).first().click(),
    );
    await visit(page, "/stamp");
    await page
      .getByLabel("Choose a file")
      .setInputFiles({ name: "works.stamp.json", mimeType: "application/json", buffer: stamp });
    await expect(main).toContainText(/Proven/i);
  });
  await visit(page, `/works/projects/${project}`);
  await expect(main).toContainText(title);
});
