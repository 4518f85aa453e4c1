import { isLoopback } from "../limits/address.ts";
import type { PlainRoute } from "../plain-route.ts";
import { pathNotFound } from "./errors.ts";

/** As a URL has them: names of this machine that nobody else can give it. */
const OWN_NAME = /^(localhost|127(\.\d+){3}|\[::1\])$/;

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
		respond(_services, request, _path, { ip }) {
			// A page of elsewhere whose name leads here is asked for by a browser of this machine, by that name.
			const name = new URL(request.url).hostname;
			if (!OWN_NAME.test(name) || !isLoopback(ip)) throw pathNotFound();
			return new Response(text(), {
				headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
			});
		},
	};
}
