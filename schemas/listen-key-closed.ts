import type { Channel } from "./ports/pubsub.ts";

/** Somebody closed a listen key: streams look at once whether theirs still live. It says not which. */
export const listenKeyClosed: Channel<null> = {
	name: "listen-key-closed",
	codec: { encode: () => "null", decode: () => null },
};
