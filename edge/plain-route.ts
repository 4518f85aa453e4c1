import type { EdgeServices } from "./services.ts";

/** What is known of a request besides itself. */
export interface Connection {
	/** The peer's address. */
	readonly ip: string;
}

/** A page or document that is no call of the API: no key, only counted. */
export interface PlainRoute {
	readonly method: "GET" | "POST" | "DELETE";
	/** As Hono has it: "/docs/:file". */
	readonly path: string;
	/** False for probes, which are not counted against their address. */
	readonly limited?: false;
	/** What it takes of its address's request weight; 1 where it does not say. */
	readonly weight?: number;
	/** `path` holds the parameters of the path, decoded. */
	respond(
		services: EdgeServices,
		request: Request,
		path: Readonly<Record<string, string>>,
		connection: Connection,
	): Response | Promise<Response>;
}
