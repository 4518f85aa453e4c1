import { expect, test } from "bun:test";
import type { Channel } from "../../schemas/ports/pubsub.ts";
import { ManualTime } from "../testing/manual-time.ts";
import { turnScheduler } from "../testing/turn-scheduler.ts";
import { InProcessPubSub } from "./in-process-pubsub.ts";
import { pubSubContract } from "./pubsub-contract.ts";

for (const throughCodec of [false, true]) {
	pubSubContract(`in process${throughCodec ? ", through the codec" : ""}`, async () => ({
		pubsub: new InProcessPubSub({ scheduler: turnScheduler, throughCodec }),
		subscribed: async () => {},
		close: async () => {},
	}));
}

const channel: Channel<{ n: number }> = {
	name: "a",
	codec: { encode: (m) => JSON.stringify(m), decode: (t) => JSON.parse(t) },
};

test("passes on the very object, or copies of what it was when published", () => {
	const time = new ManualTime();
	for (const throughCodec of [false, true]) {
		const pubsub = new InProcessPubSub({ scheduler: time, throughCodec });
		const seen: { n: number }[] = [];
		pubsub.subscribe(channel, (m) => seen.push(m));
		pubsub.subscribe(channel, (m) => seen.push(m));
		const message = { n: 1 };
		pubsub.publish(channel, message);
		message.n = 2;
		time.turn();
		expect(seen.map((m) => m.n)).toEqual(throughCodec ? [1, 1] : [2, 2]);
		expect(new Set([...seen, message]).size).toBe(throughCodec ? 3 : 1);
	}
});
