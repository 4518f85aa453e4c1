import { expect, test } from "bun:test";
import { CALLER, call, errorOf, fakeServices } from "../testing/ops-fakes.ts";
import { closeListenKey, extendListenKey } from "./listen-keys.ts";

function keysOf(owner: number | null) {
	const done: string[] = [];
	const services = fakeServices({
		services: {
			listenKeys: {
				create: async () => "k",
				async extend(key) {
					done.push(`extend ${key}`);
					return true;
				},
				async close(key) {
					done.push(`close ${key}`);
					return true;
				},
				closeOf: async () => {},
				userOf: async () => owner,
			},
			pubsub: {
				publish: (channel) => done.push(channel.name),
				subscribe: () => () => {},
				onLoss: () => () => {},
			},
		},
	});
	return { services, done };
}

test("one's own key is extended and closed", async () => {
	const { services, done } = keysOf(CALLER.userId);
	expect((await call(services, extendListenKey, { listenKey: "k" })).body).toEqual({});
	expect((await call(services, closeListenKey, { listenKey: "k" })).body).toEqual({});
	expect(done).toEqual(["extend k", "close k", "listen-key-closed"]);
});

test("one that has ended a moment before it is extended does not exist", async () => {
	const { services } = keysOf(CALLER.userId);
	services.listenKeys.extend = async () => false;
	const asked = call(services, extendListenKey, { listenKey: "k" });
	expect(await errorOf(asked)).toMatchObject({ code: -1125 });
});

test.each([
	["nobody's", null],
	["someone else's", CALLER.userId + 1],
])("%s key does not exist", async (_name, owner) => {
	const { services, done } = keysOf(owner);
	for (const operation of [extendListenKey, closeListenKey]) {
		expect(await errorOf(call(services, operation, { listenKey: "k" }))).toEqual({
			code: -1125,
			msg: "This listenKey does not exist.",
			status: 400,
		});
	}
	expect(done).toEqual([]);
});

test("a key must be named", async () => {
	const { services } = keysOf(null);
	expect(await errorOf(call(services, extendListenKey, {}))).toMatchObject({ code: -1102 });
});
