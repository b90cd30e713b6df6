/**
 * The energy application: for homes what they took and gave, what it cost, their prices and certificates; for
 * everybody the neighbours and the proof of any slot; for whoever manages the market, what-if and settlement.
 */

import type { ApplicationProps } from "@commonhold/web/applications";
import { Application, type Groups, type Pages } from "@commonhold/web/parts/application";
import { useQueryParam } from "@commonhold/web/shell/router";
import { Bill } from "./Bill";
import { CertificatePage } from "./CertificatePage";
import { Certificates } from "./Certificates";
import { Corrections } from "./Corrections";
import "./energy.css";
import { Join } from "./Join";
import { Limits } from "./Limits";
import { Live } from "./Live";
import { Month } from "./Month";
import { goBy } from "./months";
import { Neighbours } from "./Neighbours";
import { Now } from "./Now";
import { Settlement } from "./Settlement";
import { SlotProof } from "./SlotProof";
import { useTo } from "./shared";
import { strings } from "./strings";
import { Today } from "./Today";
import { Votes } from "./Votes";
import { WhatIf } from "./WhatIf";

const t = strings.tabs;

const GROUPS: Groups = [
  [
    t.groups.you,
    [
      ["now", t.now],
      ["today", t.today],
      ["month", t.month],
      ["bill", t.bill],
      ["limits", t.limits],
      ["certificates", t.certificates],
      ["join", t.join],
    ],
  ],
  [
    t.groups.community,
    [
      ["neighbours", t.neighbours],
      ["proof", t.proof],
      ["corrections", t.corrections],
      ["rules", t.rules],
    ],
  ],
  [
    t.groups.manager,
    [
      ["live", t.live],
      ["what-if", t.whatIf],
      ["settlement", t.settlement],
    ],
  ],
];

const PAGES: Pages = [
  ["/", () => <Now />],
  ["/now", () => <Now />],
  ["/today", () => <Today />],
  ["/month", () => <Month />],
  ["/bill", () => <Bill />],
  ["/limits", () => <Limits />],
  ["/neighbours", () => <Neighbours />],
  ["/certificates", () => <Certificates />],
  [
    "/certificates/:slot/:index",
    ({ slot, index }) => <CertificatePage slot={slot ?? ""} index={index ?? ""} />,
  ],
  ["/proof", () => <SlotProof />],
  ["/corrections", () => <Corrections />],
  ["/join", () => <Join />],
  ["/rules", () => <Votes />],
  ["/live", () => <Live />],
  ["/what-if", () => <WhatIf />],
  ["/settlement", () => <Settlement />],
];

export default function Energy({ rest }: ApplicationProps) {
  const at = rest === "" ? "now" : (rest.split("/")[0] ?? "");
  const to = useTo();
  // Before any page of it reckons with days: all of them go by one clock.
  goBy(useQueryParam("offset"));
  return (
    <Application
      title={strings.title}
      groups={GROUPS}
      pages={PAGES}
      rest={rest}
      at={at}
      to={to}
      className="energy"
    />
  );
}
