/** The frame around every page: menu, search, how the connection is. */
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { Suspense, useEffect, useRef, useState } from "react";
import { applications } from "../applications";
import { useSession } from "../keys/session";
import { onChange, useLive } from "../ledger/live";
import { takeKey, useWitness } from "../ledger/witness";
import { Loading } from "../parts/basics";
import { Icon, type IconName } from "../parts/icons";
import { strings } from "../strings";
import { count } from "../text/format";
import { plain } from "../text/safe";
import { Boundary, isStale } from "./lazy";
import { Link, useHere } from "./router";
import { page } from "./routes";
import { Search } from "./Search";

const queries = new QueryClient({
  defaultOptions: { queries: { retry: false, staleTime: 5_000, refetchOnWindowFocus: false } },
});

// What was asked of a node that was away is asked again when it is back.
let times = 0;
onChange((live) => {
  if (live.times > times && times > 0) void queries.invalidateQueries();
  times = live.times;
});

const LEDGER: [string, string, IconName][] = [
  ["/", strings.pages.home, "home"],
  ["/blocks", strings.pages.blocks, "blocks"],
  ["/transactions", strings.pages.transactions, "transactions"],
  ["/records", strings.pages.records, "records"],
  ["/members", strings.pages.members, "members"],
  ["/contracts", strings.pages.contracts, "contracts"],
  ["/network", strings.pages.network, "network"],
];
const TOOLS: [string, string, IconName][] = [["/stamp", strings.pages.stamp, "stamp"]];

function Item({ to, name, icon, path }: { to: string; name: string; icon: IconName; path: string }) {
  const current = to === "/" ? path === "/" : path === to || path.startsWith(`${to}/`);
  return (
    <li>
      <Link to={to} aria-current={current ? "page" : undefined}>
        <Icon name={icon} />
        {name}
      </Link>
    </li>
  );
}

function Menu({ path }: { path: string }) {
  return (
    <>
      {applications.length > 0 && (
        <>
          <h2>{strings.menuGroups.applications}</h2>
          <ul>
            {applications.map((app) => (
              <Item key={app.path} to={`/${app.path}`} name={app.name} icon="apps" path={path} />
            ))}
          </ul>
        </>
      )}
      <h2>{strings.menuGroups.ledger}</h2>
      <ul>
        {LEDGER.map(([to, name, icon]) => (
          <Item key={to} to={to} name={name} icon={icon} path={path} />
        ))}
      </ul>
      <h2>{strings.menuGroups.tools}</h2>
      <ul>
        {TOOLS.map(([to, name, icon]) => (
          <Item key={to} to={to} name={name} icon={icon} path={path} />
        ))}
      </ul>
    </>
  );
}

function Status() {
  const { connection, network } = useLive();
  return (
    <p className={`status ${connection}`}>
      <span className="dot" aria-hidden="true" />
      <span>{strings.connection[connection]}</span>
      {connection === "live" && network && (
        <span className="status-block">
          {strings.blocks.number} {count(network.block)}
        </span>
      )}
    </p>
  );
}

/** What this browser found against the node. */
function Accused() {
  const { fault } = useWitness();
  if (!fault) return null;
  const told = strings.witness.faults;
  return (
    <div className="notice bad" data-fault={fault.kind}>
      <p>
        <strong>{told.title[fault.kind]}</strong>{" "}
        {fault.kind === "lie" ? told.lie(plain(fault.why, 300)) : null}
        {fault.kind === "shown" ? told.shown(count(fault.block)) : null}
        {fault.kind === "behind" ? told.behind : null}
        {fault.kind === "unproven" ? told.unproven : null}
        {fault.kind === "network" ? told.network : null}
      </p>
      {fault.kind === "network" && (
        <button type="button" className="inline" onClick={() => takeKey(fault.key)}>
          {told.take}
        </button>
      )}
    </div>
  );
}

/** What is wrong with everything one sees, if anything. */
function Notices() {
  const { connection, network, times } = useLive();
  const [stale, setStale] = useState(false);
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    // A node that comes back may have been built anew.
    if (times > 1) void isStale().then(setStale);
  }, [times]);
  useEffect(() => {
    // A moment without a connection is no news.
    if (connection !== "lost") {
      setSlow(false);
      return;
    }
    const timer = setTimeout(() => setSlow(true), 600);
    return () => clearTimeout(timer);
  }, [connection]);
  return (
    <div aria-live="polite">
      <Accused />
      {slow && <p className="notice bad">{strings.connection.lostText}</p>}
      {stale && (
        <p className="notice">
          {strings.connection.staleText}{" "}
          <button type="button" className="inline" onClick={() => window.location.reload()}>
            {strings.stale.action}
          </button>
        </p>
      )}
      {network?.syncing && <p className="notice">{strings.connection.syncing}</p>}
    </div>
  );
}

function AccountButton() {
  const session = useSession();
  return (
    <Link to="/account" className="button account">
      <Icon name="key" />
      <span>{session ? plain(session.name, 20) : strings.keys.signIn}</span>
    </Link>
  );
}

function Frame() {
  const here = useHere();
  const path = here.split("?")[0] ?? "/";
  const [open, setOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  const { network } = useLive();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another path is another page
  useEffect(() => {
    setOpen(false);
    if (first.current) {
      first.current = false;
      return;
    }
    window.scrollTo(0, 0);
    // A page that is still loading has no heading yet: then the main part takes the focus.
    const target = main.current?.querySelector<HTMLElement>("h1") ?? main.current;
    target?.focus({ preventScroll: true });
  }, [path]);
  useEffect(() => {
    const leave = (event: KeyboardEvent) => {
      if (event.key === "Escape") setOpen(false);
    };
    window.addEventListener("keydown", leave);
    return () => window.removeEventListener("keydown", leave);
  }, []);
  const found = page(path);
  return (
    <div className="frame">
      <a className="skip" href="#main">
        {strings.skip}
      </a>
      <header className="top">
        <button
          type="button"
          className="icon menu-button"
          aria-expanded={open}
          aria-controls="menu"
          aria-label={open ? strings.closeMenu : strings.menu}
          onClick={() => setOpen(!open)}
        >
          <Icon name={open ? "cross" : "menu"} />
        </button>
        <Link to="/" className="brand">
          <img src="/favicon.svg" alt="" width="26" height="26" />
          <span>{strings.app}</span>
        </Link>
        <Search />
        <AccountButton />
      </header>
      <nav id="menu" className={open ? "menu open" : "menu"} aria-label={strings.menu}>
        <Menu path={path} />
        <div className="menu-foot">
          <Status />
          {network && <p className="network-name">{plain(network.name, 60)}</p>}
        </div>
      </nav>
      <main id="main" ref={main} tabIndex={-1}>
        <Notices />
        <Boundary at={path}>
          <Suspense fallback={<Loading />}>
            <div className="page" key={path}>
              {found}
            </div>
          </Suspense>
        </Boundary>
      </main>
    </div>
  );
}

export function App() {
  return (
    <QueryClientProvider client={queries}>
      <Frame />
    </QueryClientProvider>
  );
}
