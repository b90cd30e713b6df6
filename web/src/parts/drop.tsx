/** Where files are dropped, or chosen: the same for whoever cannot drag. */
import { type DragEvent, type ReactNode, useId, useState } from "react";
import { Icon, type IconName } from "./icons";

interface Props {
  title: string;
  choose: string;
  icon: IconName;
  /** Endings and kinds that the browser offers first; others can be dropped all the same. */
  accept: string;
  many?: boolean;
  take: (files: File[]) => void;
  children?: ReactNode;
}

export function Drop({ title, choose, icon, accept, many = false, take, children }: Props) {
  const [over, setOver] = useState(false);
  const id = useId();
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take([...event.dataTransfer.files]);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is one way, the button is another
    <div
      className={over ? "drop over" : "drop"}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Icon name={icon} />
      <p className="drop-title">{title}</p>
      <label className="button primary" htmlFor={id}>
        {choose}
      </label>
      <input
        id={id}
        className="sr"
        type="file"
        multiple={many}
        accept={accept}
        onChange={(event) => {
          take([...(event.target.files ?? [])]);
          event.target.value = "";
        }}
      />
      {children}
    </div>
  );
}
