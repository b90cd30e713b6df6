/** *Credit*: a score, what it is made of, what each fact does to it, and where it may still go. */
import { useSession } from "@commonhold/web/keys/session";
import type { Hex } from "@commonhold/web/ledger/api";
import { view } from "@commonhold/web/ledger/modules";
import { Asked, Card, Empty, Title } from "@commonhold/web/parts/basics";
import { same, useCalled } from "@commonhold/web/parts/steps";
import { go, here, Link, useQueryParam } from "@commonhold/web/shell/router";
import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { Deciding } from "./Deciding";
import { Appeals, FactsTable } from "./FactsTable";
import { look } from "./known";
import { Dimensions, Fall, Head } from "./Score";
import { LOOK_MS, SignedOut } from "./shared";
import { strings } from "./strings";
import { isZero } from "./words";

const t = strings.credit;

/** Whose credit is looked at: an address or a handle. */
function Search() {
  const id = useId();
  const [given, setGiven] = useState("");
  const [unknown, setUnknown] = useState(false);
  const find = async () => {
    const name = given.trim().replace(/^@/, "");
    if (/^0x[0-9a-fA-F]{40}$/.test(name)) return go(`/works/credit/${name}`);
    const found = await view<Hex>("accounts", "resolve", name.toLowerCase()).catch(() => "0x" as Hex);
    if (isZero(found)) setUnknown(true);
    else go(`/works/credit/${found}`);
  };
  return (
    <form
      className="look-form"
      onSubmit={(event) => {
        event.preventDefault();
        void find();
      }}
    >
      <div className="field">
        <label htmlFor={id}>{t.who}</label>
        <input
          id={id}
          value={given}
          maxLength={80}
          placeholder={t.whoHint}
          onChange={(event) => {
            setGiven(event.target.value);
            setUnknown(false);
          }}
        />
      </div>
      <button type="submit" className="button" disabled={given.trim() === ""}>
        {t.look}
      </button>
      {unknown && (
        <p className="error" role="alert">
          {t.unknown}
        </p>
      )}
    </form>
  );
}

function Parts({ at }: { at: number | undefined }) {
  return (
    <nav className="filters" aria-label={t.asParts}>
      {strings.parts.map((name, part) => (
        <Link
          key={name}
          to={here({ as: String(part), page: undefined })}
          className="filter"
          aria-current={part === at ? "true" : undefined}
        >
          {name}
        </Link>
      ))}
    </nav>
  );
}

function Of({ who, isMine }: { who: Hex; isMine: boolean }) {
  const wanted = useQueryParam("as") ?? "";
  const part = /^[0-2]$/.test(wanted) ? Number(wanted) : undefined;
  const query = useQuery({
    queryKey: ["works", "credit", who, part],
    queryFn: () => look(who, part),
    refetchInterval: LOOK_MS,
    structuralSharing: false,
  });
  return (
    <>
      <Parts at={query.data?.part ?? part} />
      <Asked query={query}>
        {(found) => (
          <>
            <Head found={found} />
            {found.rows.length === 0 ? (
              <Card>
                <Empty title={t.none}>
                  <p>{t.noneText}</p>
                </Empty>
              </Card>
            ) : (
              <>
                <Fall found={found} />
                <FactsTable found={found} isMine={isMine} />
              </>
            )}
            <Dimensions found={found} />
            <Appeals found={found} />
          </>
        )}
      </Asked>
    </>
  );
}

function Named({ who, me }: { who: Hex; me: Hex | undefined }) {
  const name = useCalled(who);
  const isMine = me !== undefined && same(me, who);
  return (
    <>
      <Title text={name} kind={t.of}>
        <Link to={`/accounts/${who}`} className="button">
          {strings.account}
        </Link>
      </Title>
      <p className="lead">{t.lead}</p>
      <Search />
      <Of who={who} isMine={isMine} />
    </>
  );
}

export function Credit({ who }: { who?: string }) {
  const me = useSession()?.address;
  if (who && /^0x[0-9a-fA-F]{40}$/.test(who)) return <Named who={who as Hex} me={me} />;
  return (
    <>
      <Title text={t.title} />
      <p className="lead">{who ? t.unknown : t.lead}</p>
      <Search />
      {me && <Deciding me={me} />}
      {me ? <Of who={me} isMine /> : <SignedOut />}
    </>
  );
}
