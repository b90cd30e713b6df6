/** What every application's pages stand in: tabs, the page of an address, and what is said without a key. */
import type { ReactNode } from "react";
import { NotFound } from "../pages/NotFound";
import { Link, match } from "../shell/router";
import "../styles/application.css";
import { Empty } from "./basics";
import { Icon } from "./icons";

/** Groups of tabs: what each is called, and its tabs by their part of the address. */
export type Groups = [string, [string, string][]][];
/** Pages by the pattern of what follows the application's address. */
export type Pages = [string, (params: Record<string, string>) => ReactNode][];

interface Shown {
  title: string;
  groups: Groups;
  pages: Pages;
  /** What follows the application's address. */
  rest: string;
  /** The tab that is shown. */
  at: string;
  /** The address of a tab. */
  to: (path: string) => string;
  /** The class of what its pages are in, where it has one. */
  className?: string;
}

function Tabs({ title, groups, at, to }: Pick<Shown, "title" | "groups" | "at" | "to">) {
  return (
    <nav className="tabs app-tabs" aria-label={title}>
      {groups.map(([name, tabs]) => (
        <ul key={name} aria-label={name}>
          <li aria-hidden="true" className="tabs-group">
            {name}
          </li>
          {tabs.map(([path, title]) => (
            <li key={path}>
              <Link to={to(path)} aria-current={path === at ? "page" : undefined}>
                {title}
              </Link>
            </li>
          ))}
        </ul>
      ))}
    </nav>
  );
}

export function Application({ pages, rest, className, ...tabs }: Shown) {
  for (const [pattern, page] of pages) {
    const params = match(pattern, `/${rest}`);
    if (params) {
      return (
        <>
          <Tabs {...tabs} />
          {className ? <div className={className}>{page(params)}</div> : page(params)}
        </>
      );
    }
  }
  return <NotFound />;
}

export function SignedOut({ words }: { words: { title: string; text: string; action: string } }) {
  return (
    <section className="card">
      <Empty title={words.title}>
        <p>{words.text}</p>
        <Link to="/account" className="button primary">
          <Icon name="key" /> {words.action}
        </Link>
      </Empty>
    </section>
  );
}
