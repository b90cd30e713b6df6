/**
 * The health application: for people what is kept about them, who can see it, what happened and who asks; for
 * researchers studies, requests and files; for ethics boards votes.
 */
import type { ApplicationProps } from "@commonhold/web/applications";
import { Application, type Groups, type Pages } from "@commonhold/web/parts/application";
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

const GROUPS: Groups = [
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

const PAGES: Pages = [
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

export default function Health({ rest }: ApplicationProps) {
  const at = rest === "" ? "data" : (rest.split("/")[0] ?? "");
  return (
    <Application
      title={strings.title}
      groups={GROUPS}
      pages={PAGES}
      rest={rest}
      at={at}
      to={(path) => `/health/${path}`}
    />
  );
}
