/** Which page an address is. */
import type { ReactNode } from "react";
import { applications } from "../applications";
import { AccountPage } from "../pages/Account";
import { BlockPage } from "../pages/Block";
import { Blocks } from "../pages/Blocks";
import { Contracts } from "../pages/Contracts";
import { Home } from "../pages/Home";
import { Members } from "../pages/Members";
import { NetworkPage } from "../pages/Network";
import { NotFound } from "../pages/NotFound";
import { RecordPage } from "../pages/Record";
import { Records } from "../pages/Records";
import { SearchPage } from "../pages/SearchPage";
import { TransactionPage } from "../pages/Transaction";
import { Transactions } from "../pages/Transactions";
import { part } from "./lazy";
import { match, type Params } from "./router";

const StampPage = part(() => import("../pages/Stamp"));
const KeysPage = part(() => import("../pages/Keys"));
const Votes = part(() => import("../pages/members/Votes"));
const BallotPage = part(() => import("../pages/members/Ballot"));
const Propose = part(() => import("../pages/members/Propose"));

const pages: [string, (params: Params) => ReactNode][] = [
  ["/", () => <Home />],
  ["/blocks", () => <Blocks />],
  ["/blocks/:id", ({ id }) => <BlockPage id={id ?? ""} />],
  ["/transactions", () => <Transactions />],
  ["/transactions/:hash", ({ hash }) => <TransactionPage hash={hash ?? ""} />],
  ["/accounts/:address", ({ address }) => <AccountPage address={address ?? ""} tab="overview" />],
  ["/accounts/:address/:tab", ({ address, tab }) => <AccountPage address={address ?? ""} tab={tab ?? ""} />],
  ["/records", () => <Records />],
  ["/records/:id", ({ id }) => <RecordPage id={id ?? ""} />],
  ["/members", () => <Members />],
  ["/members/votes", () => <Votes />],
  ["/members/votes/:id", ({ id }) => <BallotPage id={id ?? ""} />],
  ["/members/propose", () => <Propose />],
  ["/contracts", () => <Contracts />],
  ["/network", () => <NetworkPage />],
  ["/search", () => <SearchPage />],
  ["/stamp", () => <StampPage />],
  ["/account", () => <KeysPage />],
  ...applications.map((app): [string, (params: Params) => ReactNode] => {
    const Application = part(app.load);
    return [`/${app.path}/*`, ({ rest }) => <Application rest={rest ?? ""} />];
  }),
];

export function page(path: string): ReactNode {
  for (const [pattern, render] of pages) {
    const params = match(pattern, path);
    if (params) return render(params);
  }
  return <NotFound />;
}
