/**
 * The health application: for people what is kept about them, who can see it, what happened and who asks; for
 * researchers studies, requests and files; for ethics boards votes.
 */
import type { ApplicationProps } from "@commonhold/web/applications";
import { NotFound } from "@commonhold/web/pages/NotFound";
import { Link, match } from "@commonhold/web/shell/router";
import type { ReactNode } from "react";
import { Activity } from "./Activity";
import { AskedFor, NewRequest } from "./Asked";
import { Data } from "./Data";
import { Files } from "./Files";
import "./health.css";
import { RequestPage } from "./Request";
import { Requests } from "./Requests";
import { Share } from "./Share";
import { Sharing } from "./Sharing";
import { Studies, StudyPage } from "./Studies";
import { strings } from "./strings";
import { Votes } from "./Votes";

const t = strings.tabs;

const GROUPS: [string, [string, string][]][] = [
  [
    t.groups.you,
    [
      ["data", t.data],
      ["sharing", t.sharing],
      ["activity", t.activity],
      ["requests", t.requests],
    ],
  ],
  [
    t.groups.research,
    [
      ["studies", t.studies],
      ["asked", t.asked],
      ["files", t.files],
    ],
  ],
  [t.groups.ethics, [["votes", t.votes]]],
];

const PAGES: [string, (params: Record<string, string>) => ReactNode][] = [
  ["/", () => <Data />],
  ["/data", () => <Data />],
  ["/sharing", () => <Sharing />],
  ["/sharing/new", () => <Share />],
  ["/activity", () => <Activity />],
  ["/requests", () => <Requests />],
  ["/requests/:number", ({ number }) => <RequestPage number={number ?? ""} />],
  ["/studies", () => <Studies />],
  ["/studies/:number", ({ number }) => <StudyPage number={number ?? ""} />],
  ["/asked", () => <AskedFor />],
  ["/asked/new", () => <NewRequest />],
  ["/files", () => <Files />],
  ["/files/:number", ({ number }) => <Files number={number ?? ""} />],
  ["/votes", () => <Votes />],
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
              <Link to={`/health/${path}`} aria-current={path === at ? "page" : undefined}>
                {title}
              </Link>
            </li>
          ))}
        </ul>
      ))}
    </nav>
  );
}

export default function Health({ rest }: ApplicationProps) {
  const path = `/${rest}`;
  const at = rest === "" ? "data" : (rest.split("/")[0] ?? "");
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
