import {
	listenKeyParams,
	listenKeyResult,
	namedListenKeyParams,
} from "../../schemas/api/account-api.ts";
import { emptyResult } from "../../schemas/api/general-api.ts";
import { listenKeyClosed } from "../../schemas/listen-key-closed.ts";
import { ApiError } from "../api-error.ts";
import { operation } from "../operation.ts";
import type { EdgeServices } from "../services.ts";

const PATH = "/api/v3/userDataStream";

/** A key for the user's data stream: the living one, extended, or a new one. */
export const startListenKey = operation({
	group: "User data stream",
	summary: "Start a user data stream",
	http: [{ method: "POST", path: PATH }],
	ws: ["userDataStream.start"],
	security: "key",
	weight: () => 2,
	freeOnSuccess: false,
	params: listenKeyParams,
	result: listenKeyResult,
	async run({ services, caller }) {
		return { listenKey: await services.listenKeys.create(caller.userId) };
	},
});

/** Another 60 minutes. */
export const extendListenKey = operation({
	group: "User data stream",
	summary: "Keep a user data stream alive",
	http: [{ method: "PUT", path: PATH }],
	ws: ["userDataStream.ping"],
	security: "key",
	weight: () => 2,
	freeOnSuccess: false,
	params: namedListenKeyParams,
	result: emptyResult,
	async run({ services, caller }, { listenKey }) {
		await checkOwner(services, caller.userId, listenKey);
		if (!(await services.listenKeys.extend(listenKey))) throw unknownKey();
		return {};
	},
});

/** Ends the stream. */
export const closeListenKey = operation({
	group: "User data stream",
	summary: "Close a user data stream",
	http: [{ method: "DELETE", path: PATH }],
	ws: ["userDataStream.stop"],
	security: "key",
	weight: () => 2,
	freeOnSuccess: false,
	params: namedListenKeyParams,
	result: emptyResult,
	async run({ services, caller }, { listenKey }) {
		await checkOwner(services, caller.userId, listenKey);
		await services.listenKeys.close(listenKey);
		services.pubsub.publish(listenKeyClosed, { userId: caller.userId });
		return {};
	},
});

/**
 * Someone else's key does not exist.
 *
 * @throws ApiError -1125
 */
async function checkOwner(services: EdgeServices, userId: number, key: string): Promise<void> {
	if ((await services.listenKeys.userOf(key)) !== userId) {
		throw unknownKey();
	}
}

function unknownKey(): ApiError {
	return new ApiError(-1125, "This listenKey does not exist.");
}
