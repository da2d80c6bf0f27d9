import { CopyTextButton } from './copy-button';

/** Machine text under a head that names it; scrolls inside itself. The text is shown as it is, never as markup. */
export function CodeBlock({
  title,
  code,
  wrap = false,
}: {
  title: string;
  code: string;
  wrap?: boolean;
}) {
  return (
    <div className={wrap ? 'code wrap' : 'code'}>
      <div className="code-h">
        <span>{title}</span>
        <CopyTextButton value={code} label={`Copy ${title}`} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className="scroll" tabIndex={0} aria-label={title}>
        <pre>{code}</pre>
      </section>
    </div>
  );
}
