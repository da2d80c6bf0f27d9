/** @type {import('next').NextConfig} */
export default {
  agentRules: false,
  poweredByHeader: false,
  reactStrictMode: true,
  // They load native code or read files beside themselves.
  serverExternalPackages: ['@node-rs/argon2', '@prisma/client', '@prisma/adapter-pg', 'pg'],
  // No optimiser: nothing is resized, and its loader would be one more door.
  images: { unoptimized: true },
  // `npm run check` judges types, of tests too; a start from a fresh clone need not.
  typescript: { ignoreBuildErrors: true },
};
