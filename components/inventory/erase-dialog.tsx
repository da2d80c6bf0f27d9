'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useRef } from 'react';
import { Button } from '@/components/ui/button';
import { SelectField } from '@/components/ui/field';
import { Refusal } from '@/components/ui/outcome';
import { ReasonField } from '@/components/ui/reason-field';
import { useKeptForm } from '@/components/ui/use-kept-form';
import type { Erase } from '@/lib/inventory/schema';

/** Erasing takes words and cannot be undone, so it says what goes, what stays, and asks why. */
export function EraseDialog({
  id,
  erase,
  onGone,
}: {
  id: string;
  erase: Erase;
  /** Nothing that it says is left. */
  onGone?: ((id: string) => void) | undefined;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const client = useQueryClient();
  const router = useRouter();
  const { state, isPending, form } = useKeptForm<null>(async (last, fields) => {
    const erased = await erase(last, fields);
    if (!erased.ok) return erased;
    dialog.current?.close();
    void client.invalidateQueries({ queryKey: ['interaction', id] });
    // Reset, not read anew beside what they hold: these show its words.
    void client.resetQueries({ queryKey: ['content', id] });
    void client.resetQueries({ queryKey: ['reader'] });
    if (fields.get('scope') === 'all') onGone?.(id);
    router.refresh();
    return erased;
  });
  return (
    <section className="sec" aria-label="Erase">
      <Button variant="danger" onClick={() => dialog.current?.showModal()}>
        Erase
      </Button>
      <dialog
        ref={dialog}
        className="dialog"
        aria-labelledby="erase-title"
        onKeyDown={(event) => event.stopPropagation()}
      >
        <header id="erase-title">Erase this interaction?</header>
        <form {...form}>
          <div className="b">
            <p>
              What it says is removed from this database for good, with no undo. That it was stays:
              its place in the log, its leaf hash, and an entry with your name and reason.
            </p>
            <input type="hidden" name="id" value={id} />
            <SelectField id="erase-scope" name="scope" label="What" defaultValue="all">
              <option value="all">All facts, input and output</option>
              <option value="bodies">Input and output only</option>
            </SelectField>
            <ReasonField id="erase-reason" help="Do not repeat here what you erase." />
            <Refusal state={state} />
          </div>
          <footer>
            <Button onClick={() => dialog.current?.close()}>Keep it</Button>
            <Button
              variant="danger-solid"
              type="submit"
              unavailable={isPending ? 'Erasing' : undefined}
            >
              Erase for good
            </Button>
          </footer>
        </form>
      </dialog>
    </section>
  );
}
