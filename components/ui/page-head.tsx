import type { ReactNode } from 'react';

/** Title, what the page holds, its state; actions right, at most one of them filled. */
export function PageHead({
  title,
  meta,
  state,
  actions,
}: {
  title: string;
  meta?: ReactNode;
  state?: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <div className="page-head">
      <div className="title">
        <h1>{title}</h1>
        {state}
        {meta === undefined ? null : <span className="meta hide-s">{meta}</span>}
      </div>
      {actions === undefined ? null : <div className="actions">{actions}</div>}
    </div>
  );
}
