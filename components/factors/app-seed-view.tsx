import { CopyTextButton } from '@/components/ui/copy-button';
import type { AppSeed } from '@/lib/auth/enrol/ceremony';

/** A seed for an authenticator app: to scan, and the same to type. Dark on light in both themes, or cameras miss it. */
export function AppSeedView({ seed }: { seed: AppSeed }) {
  return (
    <div className="app-seed">
      <svg
        viewBox={`0 0 ${seed.modules} ${seed.modules}`}
        role="img"
        aria-label="QR code for an authenticator app"
        shapeRendering="crispEdges"
      >
        <rect className="light" width={seed.modules} height={seed.modules} />
        <path className="dark" d={seed.path} />
      </svg>
      <div className="stack">
        <span className="label">Or type it in</span>
        <code>{seed.text}</code>
        <p>
          <CopyTextButton value={seed.text.replaceAll(' ', '')} label="Copy the key" />
        </p>
      </div>
    </div>
  );
}
