/**
 * The works application: projects, what waits for whom, what was measured, bid, certified and paid, what it says of
 * people, and all of it as one record.
 */
import type { ApplicationProps } from "@commonhold/web/applications";
import { NotFound } from "@commonhold/web/pages/NotFound";
import { Link, match } from "@commonhold/web/shell/router";
import type { ReactNode } from "react";
import { Audit } from "./Audit";
import { Bids, TenderPage } from "./Bids";
import { Credit } from "./Credit";
import { Decisions } from "./Decisions";
import { FibrePage } from "./Fibre";
import { OrderPage, Orders } from "./Orders";
import { PaymentPage, Payments } from "./Payments";
import { Portfolio } from "./Portfolio";
import { ProjectPage } from "./Project";
import { strings } from "./strings";
import "./works.css";

const t = strings.tabs;

const GROUPS: [string, [string, string][]][] = [
  [
    t.groups.yours,
    [
      ["portfolio", t.portfolio],
      ["decisions", t.decisions],
      ["payments", t.payments],
      ["credit", t.credit],
    ],
  ],
  [
    t.groups.building,
    [
      ["fibre", t.fibre],
      ["bids", t.bids],
    ],
  ],
  [t.groups.record, [["audit", t.audit]]],
];

const PAGES: [string, (params: Record<string, string>) => ReactNode][] = [
  ["/", () => <Portfolio />],
  ["/portfolio", () => <Portfolio />],
  ["/projects/:number", ({ number }) => <ProjectPage number={number ?? ""} />],
  ["/decisions", () => <Decisions />],
  ["/payments", () => <Payments />],
  ["/payments/:number", ({ number }) => <PaymentPage number={number ?? ""} />],
  ["/credit", () => <Credit />],
  ["/credit/:who", ({ who }) => <Credit who={who ?? ""} />],
  ["/fibre", () => <Orders />],
  ["/fibre/:order", ({ order }) => <OrderPage number={order ?? ""} />],
  ["/fibre/:order/:name", ({ order, name }) => <FibrePage order={order ?? ""} name={name ?? ""} />],
  ["/bids", () => <Bids />],
  ["/bids/:number", ({ number }) => <TenderPage number={number ?? ""} />],
  ["/audit", () => <Audit />],
];

function Tabs({ at }: { at: string }) {
  return (
    <nav className="tabs app-tabs" aria-label={strings.title}>
      {GROUPS.map(([name, tabs]) => (
        <ul key={name} aria-label={name}>
          <li aria-hidden="true" className="tabs-group">
            {name}
          </li>
          {tabs.map(([path, title]) => (
            <li key={path}>
              <Link to={`/works/${path}`} aria-current={path === at ? "page" : undefined}>
                {title}
              </Link>
            </li>
          ))}
        </ul>
      ))}
    </nav>
  );
}

export default function Works({ rest }: ApplicationProps) {
  const path = `/${rest}`;
  const first = rest.split("/")[0] ?? "";
  const at = first === "" || first === "projects" ? "portfolio" : first;
  for (const [pattern, page] of PAGES) {
    const params = match(pattern, path);
    if (params) {
      return (
        <>
          <Tabs at={at} />
          {page(params)}
        </>
      );
    }
  }
  return <NotFound />;
}
