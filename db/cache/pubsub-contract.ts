import { describe, expect, test } from "bun:test";
import type { Channel, PubSub } from "../../schemas/ports/pubsub.ts";

interface Note {
	readonly n: number;
	readonly amount: bigint;
}

function noteChannel(name: string): Channel<Note> {
	return {
		name,
		codec: {
			encode: (note) => `${note.n} ${note.amount}`,
			decode(text) {
				const [n, amount] = text.split(" ");
				return { n: Number(n), amount: BigInt(amount as string) };
			},
		},
	};
}

/** Collects messages and tells when it has so many. */
class Inbox {
	readonly notes: Note[] = [];
	private waiting: { count: number; resolve: () => void }[] = [];

	readonly handle = (note: Note): void => {
		this.notes.push(note);
		for (const w of this.waiting.filter((w) => w.count === this.notes.length)) w.resolve();
	};

	numbers(): number[] {
		return this.notes.map((note) => note.n);
	}

	reached(count: number): Promise<void> {
		if (this.notes.length >= count) return Promise.resolve();
		return new Promise((resolve) => this.waiting.push({ count, resolve }));
	}
}

/**
 * What every PubSub does.
 *
 * @param make an instance, a way to know that subscriptions made so far have taken hold, and its end
 */
export function pubSubContract(
	name: string,
	make: () => Promise<{
		pubsub: PubSub;
		subscribed: () => Promise<void>;
		close: () => Promise<void>;
	}>,
): void {
	describe(`${name}: the pub/sub contract`, () => {
		test("every subscriber of the channel gets every message, in order", async () => {
			const { pubsub, subscribed, close } = await make();
			const [one, two, other] = [new Inbox(), new Inbox(), new Inbox()];
			pubsub.subscribe(noteChannel("a"), one.handle);
			pubsub.subscribe(noteChannel("a"), two.handle);
			pubsub.subscribe(noteChannel("b"), other.handle);
			await subscribed();
			for (let n = 0; n < 100; n += 1) pubsub.publish(noteChannel("a"), { n, amount: 1n });
			pubsub.publish(noteChannel("b"), { n: 7, amount: 2n ** 70n });
			await Promise.all([one.reached(100), two.reached(100), other.reached(1)]);
			const all = Array.from({ length: 100 }, (_, n) => n);
			expect([one.numbers(), two.numbers(), other.notes]).toEqual([
				all,
				all,
				[{ n: 7, amount: 2n ** 70n }],
			]);
			await close();
		});

		test("publishing never calls back before it returns, also from a handler", async () => {
			const { pubsub, subscribed, close } = await make();
			const channel = noteChannel("a");
			const inbox = new Inbox();
			const order: string[] = [];
			pubsub.subscribe(channel, (note) => {
				order.push(`in ${note.n}`);
				if (note.n === 0) pubsub.publish(channel, { n: 1, amount: 0n });
				order.push(`out ${note.n}`);
				inbox.handle(note);
			});
			await subscribed();
			pubsub.publish(channel, { n: 0, amount: 0n });
			order.push("published");
			await inbox.reached(2);
			expect(order).toEqual(["published", "in 0", "out 0", "in 1", "out 1"]);
			await close();
		});

		test("who unsubscribed hears no more, not even what was on its way", async () => {
			const { pubsub, subscribed, close } = await make();
			const channel = noteChannel("a");
			const [gone, stays] = [new Inbox(), new Inbox()];
			const unsubscribe = pubsub.subscribe(channel, gone.handle);
			pubsub.subscribe(channel, stays.handle);
			await subscribed();
			pubsub.publish(channel, { n: 1, amount: 0n });
			unsubscribe();
			pubsub.publish(channel, { n: 2, amount: 0n });
			await stays.reached(2);
			expect([gone.numbers(), stays.numbers()]).toEqual([[], [1, 2]]);
			await close();
		});

		test("nothing is said to be lost where nothing is", async () => {
			const { pubsub, subscribed, close } = await make();
			const inbox = new Inbox();
			let losses = 0;
			const unsubscribe = pubsub.onLoss(() => {
				losses += 1;
			});
			pubsub.subscribe(noteChannel("a"), inbox.handle);
			await subscribed();
			for (let n = 0; n < 100; n += 1) pubsub.publish(noteChannel("a"), { n, amount: 1n });
			await inbox.reached(100);
			unsubscribe();
			expect(losses).toBe(0);
			await close();
		});

		test("a message without subscribers is lost", async () => {
			const { pubsub, subscribed, close } = await make();
			const channel = noteChannel("a");
			pubsub.publish(channel, { n: 1, amount: 0n });
			const inbox = new Inbox();
			pubsub.subscribe(channel, inbox.handle);
			await subscribed();
			pubsub.publish(channel, { n: 2, amount: 0n });
			await inbox.reached(1);
			expect(inbox.numbers()).toEqual([2]);
			await close();
		});
	});
}
