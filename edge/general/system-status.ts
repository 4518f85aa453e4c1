import { emptyParams, systemStatusResult } from "../../schemas/api/general-api.ts";
import { operation } from "../operation.ts";

/** Who can answer is not under maintenance. Clients and bots ask for this before they begin. */
export const systemStatus = operation({
	group: "Wallet",
	summary: "System status",
	http: [{ method: "GET", path: "/sapi/v1/system/status" }],
	ws: [],
	security: "none",
	weight: () => 1,
	freeOnSuccess: false,
	params: emptyParams,
	result: systemStatusResult,
	run: async () => ({ status: 0, msg: "normal" }) as const,
});
