import type { ComponentProps, ReactNode } from 'react';

type Look = {
  variant?: 'plain' | 'primary' | 'danger' | 'danger-solid' | 'ghost';
  size?: 'small' | 'medium' | 'large';
  /** Only an icon shows; then `aria-label` is the word. */
  iconOnly?: boolean;
};

const variants: Record<NonNullable<Look['variant']>, string> = {
  plain: '',
  primary: 'primary',
  danger: 'danger',
  'danger-solid': 'danger solid',
  ghost: 'ghost',
};
const sizes: Record<NonNullable<Look['size']>, string> = { small: 'sm', medium: '', large: 'lg' };

/** The classes of a button, for what is a link but looks like one. */
export function buttonClass({ variant = 'plain', size = 'medium', iconOnly = false }: Look = {}) {
  return ['btn', variants[variant], sizes[size], iconOnly ? 'icon' : ''].filter(Boolean).join(' ');
}

/** A disabled button stays focusable and says why in `unavailable`. */
export function Button({
  variant = 'plain',
  size = 'medium',
  iconOnly = false,
  unavailable,
  className,
  children,
  type = 'button',
  ...rest
}: Look & { unavailable?: string | undefined; children: ReactNode } & Omit<
    ComponentProps<'button'>,
    'disabled'
  >) {
  const look = buttonClass({ variant, size, iconOnly });
  return (
    <button
      {...rest}
      type={unavailable === undefined ? type : 'button'}
      className={className === undefined ? look : `${look} ${className}`}
      {...(unavailable === undefined
        ? {}
        : { 'aria-disabled': true, title: unavailable, onClick: undefined })}
    >
      {children}
    </button>
  );
}
