'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { crumbsOf } from './navigation';

export function Breadcrumbs() {
  const crumbs = crumbsOf(usePathname());
  return (
    <nav className="crumbs" aria-label="Breadcrumb">
      <ol>
        {crumbs.map((page, index) =>
          index === crumbs.length - 1 ? (
            <li key={page.href} className="trunc">
              <span aria-current="page">{page.name}</span>
            </li>
          ) : (
            <li key={page.href} className="row">
              <Link href={page.href} prefetch={false}>
                {page.name}
              </Link>
              <span className="sep" aria-hidden="true">
                /
              </span>
            </li>
          ),
        )}
      </ol>
    </nav>
  );
}
