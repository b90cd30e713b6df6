/** The reason that every proposal and every vote gives: it stays on the ledger as it is written. */
import { type FormEvent, useState } from "react";
import { Field } from "../../keys/forms";
import { strings } from "../../strings";
import { isReason } from "./forms";

const t = strings.votes;

interface Props {
  label: string;
  action: string;
  danger?: boolean;
  cancel?: () => void;
  /** Checks what else is filled in, and says beside it what is wrong. */
  valid?: () => boolean;
  done: (reason: string) => void;
}

export function Why({ label, action, danger = false, cancel, valid, done }: Props) {
  const [text, setText] = useState("");
  const [error, setError] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const fits = valid?.() ?? true;
    setError(isReason(text) ? "" : t.wrong.reason);
    if (fits && isReason(text)) done(text.trim().replace(/\s+/g, " "));
  };
  return (
    <form className="form reason" onSubmit={submit} noValidate>
      <Field label={label} hint={t.form.reasonHint} error={error}>
        {(props) => (
          <textarea {...props} rows={3} value={text} onChange={(event) => setText(event.target.value)} />
        )}
      </Field>
      <div className="card-actions">
        <button type="submit" className={danger ? "button danger" : "button primary"}>
          {action}
        </button>
        {cancel && (
          <button type="button" className="button" onClick={cancel}>
            {strings.cancel}
          </button>
        )}
      </div>
    </form>
  );
}
