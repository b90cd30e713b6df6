/** *Project*: everything of everybody on one line of time; its contracts, documents, site and notices. */
import { Asked, Title } from "@commonhold/web/parts/basics";
import { date, Proof, Who } from "@commonhold/web/parts/steps";
import { useQueryParam } from "@commonhold/web/shell/router";
import { plain } from "@commonhold/web/text/safe";
import { useQuery } from "@tanstack/react-query";
import { gather, proof } from "./book";
import { Contracts } from "./Contracts";
import { KIND, law } from "./law";
import { Documents, Notices } from "./Papers";
import { Site } from "./Site";
import { Filters, isNumber, LOOK_MS, Missing } from "./shared";
import { strings } from "./strings";
import { Timeline } from "./Timeline";

const t = strings.project;

type View = keyof typeof t.views;

const VIEWS = Object.entries(t.views) as [View, string][];

export function ProjectPage({ number }: { number: string }) {
  const show = (useQueryParam("show") ?? "timeline") as View;
  const query = useQuery({
    queryKey: ["works", "project", number],
    queryFn: async () => {
      const total = await law<bigint>("count", KIND.Project);
      return BigInt(number) <= total ? gather([BigInt(number)]) : null;
    },
    enabled: isNumber(number),
    refetchInterval: LOOK_MS,
    structuralSharing: false,
  });
  if (!isNumber(number)) return <Missing title={t.missing} text={t.missingText} />;
  return (
    <Asked query={query}>
      {(book) => {
        const project = book?.projects[0];
        if (!book || !project) return <Missing title={t.missing} text={t.missingText} />;
        const opened = proof(book, "ProjectOpened", { number: project.number });
        return (
          <>
            <Title text={plain(project.title, 96)}>
              <Proof hash={opened} what={t.opened} />
            </Title>
            <p className="lead">
              {t.owner}: <Who value={project.owner} /> · {t.opened} {date(project.openedAt)} · {t.packages}:{" "}
              {book.packages.map((one) => plain(one.title, 60)).join(", ") || "–"}
            </p>
            <Filters name="show" label={t.show} all={VIEWS} />
            {show === "contracts" ? (
              <Contracts book={book} />
            ) : show === "documents" ? (
              <Documents book={book} />
            ) : show === "site" ? (
              <Site book={book} />
            ) : show === "notices" ? (
              <Notices book={book} />
            ) : (
              <Timeline book={book} />
            )}
          </>
        );
      }}
    </Asked>
  );
}
