/**
 * The works application: projects, what waits for whom, what was measured, bid, certified and paid, what it says of
 * people, and all of it as one record.
 */
import type { ApplicationProps } from "@commonhold/web/applications";
import { Application, type Groups, type Pages } from "@commonhold/web/parts/application";
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

const GROUPS: Groups = [
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

const PAGES: Pages = [
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

export default function Works({ rest }: ApplicationProps) {
  const first = rest.split("/")[0] ?? "";
  const at = first === "" || first === "projects" ? "portfolio" : first;
  return (
    <Application
      title={strings.title}
      groups={GROUPS}
      pages={PAGES}
      rest={rest}
      at={at}
      to={(path) => `/works/${path}`}
    />
  );
}
