'use client';

import { type DragEvent, useRef, useState } from 'react';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { SelectField } from '@/components/ui/field';
import { Refusal } from '@/components/ui/outcome';
import { ReasonField } from '@/components/ui/reason-field';
import { useKeptForm } from '@/components/ui/use-kept-form';
import { type ImportReport, importFormats } from '@/lib/identities/import/schema';
import { counted } from '@/lib/inventory/labels';
import type { ImportAction } from './action-results';
import { ImportTable } from './import-table';

/** Beyond it the console takes no file: the API and the command line do. */
export const consoleBytesMax = 900_000;

type Given = { format: (typeof importFormats)[number]; text: string };

/** A file or text, what each line of it would come to, and then, with a reason, doing so. */
export function ImportForm({ check, apply }: { check: ImportAction; apply: ImportAction }) {
  const [given, setGiven] = useState<Given>({ format: 'csv', text: '' });
  const [tooBig, setTooBig] = useState<string | null>(null);
  const [isOver, setIsOver] = useState(false);
  const [checked, setChecked] = useState<{ report: ImportReport; given: Given } | null>(null);
  const file = useRef<HTMLInputElement>(null);
  const checking = useKeptForm<ImportReport>(async (last, form) => {
    const answer = await check(last, form);
    setChecked(answer.ok ? { report: answer.value, given } : null);
    return answer;
  });

  /** Bounded before it is read. */
  const take = async (chosen: File | undefined) => {
    if (chosen === undefined) return;
    if (chosen.size > consoleBytesMax) {
      setTooBig(`${chosen.name} has more than 900 kB. Send it in parts, or by the API.`);
      return;
    }
    setTooBig(null);
    const format = chosen.name.toLowerCase().endsWith('.json') ? 'json' : 'csv';
    setGiven({ format, text: await chosen.text() });
    setChecked(null);
  };
  const onDrop = (event: DragEvent<HTMLDivElement>) => {
    event.preventDefault();
    setIsOver(false);
    void take(event.dataTransfer.files[0]);
  };
  const isSame = checked?.given.text === given.text && checked.given.format === given.format;
  return (
    <>
      <form {...checking.form} className="sec idn-form" aria-label="Check a file">
        {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping a file is besides the button that chooses one */}
        <div
          className={isOver ? 'idn-drop over' : 'idn-drop'}
          onDragOver={(event) => {
            event.preventDefault();
            setIsOver(true);
          }}
          onDragLeave={() => setIsOver(false)}
          onDrop={onDrop}
        >
          <div className="row wrap">
            <Button onClick={() => file.current?.click()}>Choose a file</Button>
            <span className="t2 s12">or drop it here: CSV or JSON of 900 kB at most.</span>
          </div>
          <input
            ref={file}
            type="file"
            className="vh"
            tabIndex={-1}
            aria-label="File of identities"
            accept=".csv,.json,text/csv,application/json"
            onChange={({ target }) => void take(target.files?.[0])}
          />
        </div>
        {tooBig === null ? null : (
          <Callout tone="critical" live>
            {tooBig}
          </Callout>
        )}
        <div className="field">
          <label htmlFor="import-text">Or paste its text</label>
          <textarea
            id="import-text"
            name="text"
            className="input mono"
            rows={8}
            value={given.text}
            onChange={({ target }) => setGiven({ ...given, text: target.value })}
            spellCheck={false}
            maxLength={consoleBytesMax}
            placeholder={
              'kind,name,owner,team,zone,tags\nagent,parcel-tracker,ada@example.org,Shop,shop-prod,eu;shop'
            }
            required
          />
        </div>
        <SelectField
          id="import-format"
          name="format"
          label="Format"
          value={given.format}
          onChange={({ target }) =>
            setGiven({
              ...given,
              format: importFormats.find((each) => each === target.value) ?? 'csv',
            })
          }
        >
          {importFormats.map((each) => (
            <option key={each} value={each}>
              {each.toUpperCase()}
            </option>
          ))}
        </SelectField>
        <Refusal state={checking.state} />
        <p>
          <Button
            type="submit"
            variant={isSame ? 'plain' : 'primary'}
            unavailable={checking.isPending ? 'Being checked' : undefined}
          >
            Check
          </Button>
        </p>
      </form>
      {checked === null || !isSame ? null : (
        <Apply key={checked.report.judged} checked={checked} apply={apply} />
      )}
    </>
  );
}

function Apply({
  checked: { report, given },
  apply,
}: {
  checked: { report: ImportReport; given: Given };
  apply: ImportAction;
}) {
  const { state, isPending, form } = useKeptForm<ImportReport>(apply);
  const shown = state?.ok === true ? state.value : report;
  const { made, changed, wrong } = shown.counts;
  const isDone = state?.ok === true;
  return (
    <section aria-labelledby="import-report">
      <div className="sec stack-3">
        <h2 id="import-report">{isDone ? 'What was done' : 'What it would come to'}</h2>
        <p className="t2" role="status">
          {counted(made, 'identity', 'identities')} {isDone ? 'registered' : 'to register'},{' '}
          {counted(changed, 'identity', 'identities')} {isDone ? 'changed' : 'to change'},{' '}
          {counted(shown.counts.unchanged, 'line')} as it is already, {counted(wrong, 'line')} with
          something wrong.
        </p>
        {isDone || made + changed === 0 ? null : (
          <form {...form} className="idn-form" aria-label="Import">
            <input type="hidden" name="text" value={given.text} />
            <input type="hidden" name="format" value={given.format} />
            <input type="hidden" name="marks" value={report.marks} />
            {wrong > 0 ? (
              <Callout tone="review">
                Lines with something wrong are left out. Nothing is issued: credentials are added on
                the page of each.
              </Callout>
            ) : null}
            <ReasonField id="import-reason" />
            <Refusal state={state} />
            <p>
              <Button
                type="submit"
                variant="primary"
                unavailable={isPending ? 'Being imported' : undefined}
              >
                Import {counted(made + changed, 'identity', 'identities')}
              </Button>
            </p>
          </form>
        )}
      </div>
      <ImportTable lines={shown.lines} />
    </section>
  );
}
