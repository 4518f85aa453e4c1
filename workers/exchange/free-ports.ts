import { type ListenPlace, listening } from "../../db/machine/listen-failure.ts";
import { SERVE_OPTIONS } from "../../db/machine/serve-options.ts";

/**
 * Whether the exchange can listen there, before anything of it is started: nothing listens any more when it resolves.
 *
 * @throws CannotStart for a port, SettingsError for an address
 */
export async function checkPlaces(places: readonly ListenPlace[]): Promise<void> {
	const tried: Bun.Server<undefined>[] = [];
	const fetch = (): Response => new Response(null, { status: 503 });
	try {
		for (const { prefix, hostname, port } of places) {
			const serve = () => Bun.serve({ hostname, port, ...SERVE_OPTIONS, fetch });
			tried.push(listening({ prefix, hostname, port }, serve));
		}
	} finally {
		await Promise.all(tried.map((server) => server.stop(true)));
	}
}
