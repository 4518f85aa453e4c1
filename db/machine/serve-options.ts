/**
 * Of every `Bun.serve`: an error of ours shows a client neither source nor stack. Bun would then share the
 * port with another process that takes it, instead of refusing that one; so the port is its own.
 */
export const SERVE_OPTIONS = { development: false, reusePort: false } as const;
