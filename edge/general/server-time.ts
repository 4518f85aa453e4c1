import { emptyParams, serverTimeResult } from "../../schemas/api/general-api.ts";
import { operation } from "../operation.ts";

/** The clock that timestamps of signed calls are held against. */
export const serverTime = operation({
	group: "General",
	summary: "The server's time",
	http: [{ method: "GET", path: "/api/v3/time" }],
	ws: ["time"],
	security: "none",
	weight: () => 1,
	freeOnSuccess: false,
	params: emptyParams,
	result: serverTimeResult,
	async run({ services }) {
		return { serverTime: services.clock.nowMs() };
	},
});
