import { emptyParams, emptyResult } from "../../schemas/api/general-api.ts";
import { operation } from "../operation.ts";

/** Says that the API is there. */
export const ping = operation({
	group: "General",
	summary: "Test connectivity",
	http: [{ method: "GET", path: "/api/v3/ping" }],
	ws: ["ping"],
	security: "none",
	weight: () => 1,
	freeOnSuccess: false,
	params: emptyParams,
	result: emptyResult,
	async run() {
		return {};
	},
});
