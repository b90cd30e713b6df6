/** Fields of forms: each with its label, and what is wrong with what stands in it. */
import { useId } from "react";

export function Field({
  label,
  hint,
  text,
  set,
  wrong,
}: {
  label: string;
  hint: string;
  text: string;
  set: (text: string) => void;
  /** What is wrong with the text; nothing where nothing is. */
  wrong: string | undefined;
}) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <span className="hint" id={`${id}-hint`}>
        {hint}
      </span>
      <input
        id={id}
        value={text}
        aria-describedby={`${id}-hint`}
        aria-invalid={wrong !== undefined}
        onChange={(event) => set(event.target.value)}
      />
      {wrong && <span className="error">{wrong}</span>}
    </div>
  );
}

export function Choice({
  label,
  value,
  set,
  all,
}: {
  label: string;
  value: string;
  set: (value: string) => void;
  /** What is chosen, and what it is called. */
  all: readonly (readonly [string, string])[];
}) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => set(event.target.value)}>
        {all.map(([key, name]) => (
          <option key={key} value={key}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}
