import { isLoopback } from "../limits/address.ts";
import type { PlainRoute } from "../plain-route.ts";
import { pathNotFound } from "./errors.ts";

/**
 * What the venue does, as figures, is the operator's to know: only who asks from this machine gets them. Others
 * scrape the health listener, which is not where clients are.
 *
 * @param text Prometheus text
 */
export function metricsPage(text: () => string): PlainRoute {
	return {
		method: "GET",
		path: "/metrics",
		limited: false,
		respond(_services, _request, _path, { ip }) {
			if (!isLoopback(ip)) throw pathNotFound();
			return new Response(text(), {
				headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
			});
		},
	};
}
