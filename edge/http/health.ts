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
		respond: (services) => {
			const isReady = services.ready();
			const status = isReady ? "ready" : "not ready";
			return Response.json({ status, ...services.health?.() }, { status: isReady ? 200 : 503 });
		},
	},
];
