import type { Channel } from "./ports/pubsub.ts";

/** A listen key of this user was closed: his streams look at once whether theirs still live. It says not which. */
export const listenKeyClosed: Channel<{ readonly userId: number }> = {
	name: "listen-key-closed",
	codec: { encode: (m) => JSON.stringify(m), decode: (t) => JSON.parse(t) },
};
