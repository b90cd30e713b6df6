/** One box for everything. `/` brings one there from anywhere. */
import { type FormEvent, useEffect, useRef } from "react";
import { Icon } from "../parts/icons";
import { strings } from "../strings";
import { meaning, QUERY_MAX } from "../text/find";
import { go } from "./router";

/** Where a query leads: straight to what it can only mean, or to the page that looks it up. */
export function destination(text: string): string {
  const found = meaning(text);
  if (found.kind === "block") return `/blocks/${found.number}`;
  if (found.kind === "address") return `/accounts/${found.address}`;
  return `/search?q=${encodeURIComponent(text.trim().slice(0, QUERY_MAX))}`;
}

export function Search() {
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const slash = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      const typing = target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
      if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      box.current?.focus();
      box.current?.select();
    };
    window.addEventListener("keydown", slash);
    return () => window.removeEventListener("keydown", slash);
  }, []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const text = box.current?.value ?? "";
    if (text.trim() === "") return;
    go(destination(text));
    if (box.current) box.current.value = "";
  };
  return (
    <search className="search">
      <form onSubmit={submit}>
        <Icon name="search" />
        <input
          ref={box}
          type="search"
          name="q"
          aria-label={strings.search.label}
          aria-keyshortcuts="/"
          placeholder={strings.search.placeholder}
          maxLength={QUERY_MAX}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
        />
        <kbd title={strings.search.hint}>/</kbd>
        <button type="submit" className="sr-focus">
          {strings.search.go}
        </button>
      </form>
    </search>
  );
}
