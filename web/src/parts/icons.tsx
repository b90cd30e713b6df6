/** Icons, drawn here; they say nothing that is not also said in words. */

const PATHS = {
  copy: "M9 9h10v10H9zM5 15V5h10",
  check: "M5 12.5l4.5 4.5L19 7.5",
  cross: "M6 6l12 12M18 6L6 18",
  clock: "M12 7v5l3.5 2M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l5 5",
  menu: "M4 7h16M4 12h16M4 17h16",
  home: "M4 11l8-7 8 7v9h-5v-6H9v6H4z",
  blocks: "M4 4h7v7H4zM13 13h7v7h-7zM13 4h7v7h-7zM4 13h7v7H4z",
  transactions: "M4 8h14M14 4l4 4-4 4M20 16H6M10 12l-4 4 4 4",
  records: "M6 3h9l4 4v14H6zM14 3v5h5M9 13h7M9 17h5",
  members: "M12 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM5 20c0-4 3-6 7-6s7 2 7 6",
  contracts: "M8 8l-4 4 4 4M16 8l4 4-4 4M13.5 5l-3 14",
  network: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM3 12h18M12 3c3 3 3 15 0 18M12 3c-3 3-3 15 0 18",
  stamp: "M9 13c0-3-2-4-2-6a5 5 0 0 1 10 0c0 2-2 3-2 6h3v4H6v-4zM6 20h12",
  key: "M14.5 13.5a4.5 4.5 0 1 0-4-4L4 16v4h4v-2h2v-2h2z",
  download: "M12 4v11M7 10.5l5 5 5-5M5 20h14",
  pause: "M8 5v14M16 5v14",
  play: "M7 5l12 7-12 7z",
  apps: "M5 5h4v4H5zM15 5h4v4h-4zM5 15h4v4H5zM15 15h4v4h-4z",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="svg" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
