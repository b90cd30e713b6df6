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
  done: (reason: string) => void;
}

export function Why({ label, action, danger = false, cancel, done }: Props) {
  const [text, setText] = useState("");
  const [error, setError] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isReason(text)) {
      setError(t.wrong.reason);
      return;
    }
    setError("");
    done(text.trim().replace(/\s+/g, " "));
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
