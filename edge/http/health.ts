import type { PlainRoute } from "../plain-route.ts";

/** Live: the process answers. Ready: the exchange takes orders. */
export const healthRoutes: readonly PlainRoute[] = [
	{
		method: "GET",
		path: "/health/live",
		limited: false,
		respond: () => Response.json({ status: "live" }),
	},
	{
		method: "GET",
		path: "/health/ready",
		limited: false,
		respond: (services) =>
			services.ready()
				? Response.json({ status: "ready", ...services.health?.() })
				: Response.json({ status: "starting" }, { status: 503 }),
	},
];
