/** How much of its life is over. `isSoon`: it ends within days and nothing takes over. */
export function LifeBar({
  createdAt,
  endsAt,
  now,
  isSoon,
}: {
  createdAt: Date;
  endsAt: Date;
  now: Date;
  isSoon: boolean;
}) {
  const whole = Math.max(1, endsAt.getTime() - createdAt.getTime());
  const over = Math.min(1, Math.max(0, (now.getTime() - createdAt.getTime()) / whole));
  return (
    <svg className={isSoon ? 'life soon' : 'life'} viewBox="0 0 64 4" aria-hidden="true">
      <rect width="64" height="4" rx="2" />
      <rect width={Math.max(2, Math.round(over * 64))} height="4" rx="2" />
    </svg>
  );
}
