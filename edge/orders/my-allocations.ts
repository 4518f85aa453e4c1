import { array, object } from "valibot";
import { allocationsParams } from "../../schemas/api/order-params.ts";
import { badCombination } from "../api-error.ts";
import { operation } from "../operation.ts";
import { symbolNamed } from "../symbols.ts";
import { checkWindow } from "./time-window.ts";

/** What orders got by smart order routing, of which this venue has none. */
export const myAllocations = operation({
	group: "Account",
	summary: "Allocations of smart order routing: always none",
	http: [{ method: "GET", path: "/api/v3/myAllocations" }],
	ws: ["myAllocations"],
	security: "read",
	weight: () => 20,
	freeOnSuccess: false,
	params: allocationsParams,
	result: array(object({})),
	async run({ services }, { symbol, startTime, endTime, fromAllocationId, orderId }) {
		symbolNamed(services, symbol);
		const timed = startTime !== undefined || endTime !== undefined;
		const named = fromAllocationId !== undefined || orderId !== undefined;
		if (timed && named) throw badCombination();
		checkWindow(startTime, endTime);
		return [];
	},
});
