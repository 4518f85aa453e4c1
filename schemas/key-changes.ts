import type { Channel } from "./ports/pubsub.ts";

/** A key was revoked or changed: edges drop what they cached of it. */
export const keyChanges: Channel<{ readonly apiKey: string }> = {
	name: "key-changes",
	codec: { encode: (m) => JSON.stringify(m), decode: (t) => JSON.parse(t) },
};
