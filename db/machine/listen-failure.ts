import { SettingsError } from "../../schemas/settings.ts";
import { CannotStart } from "./cannot-start.ts";

/** Where a program listens, as its settings say. */
export interface ListenPlace {
	/** Before HOST and PORT in the names of its settings: "", or "LINK_". */
	readonly prefix: string;
	readonly hostname: string;
	readonly port: number;
}

/**
 * What a listener that could not listen ends with, by its setting: CannotStart for its port, SettingsError for its
 * address; an error that is not of the listening is given back.
 */
export function listenFailure({ prefix, hostname, port }: ListenPlace, error: unknown): unknown {
	const { code } = error as { readonly code?: unknown };
	const instead = "set it to another, 0 for any";
	if (code === "EADDRINUSE") {
		return new CannotStart(`${prefix}PORT=${port} is taken on ${hostname}: ${instead}`);
	}
	if (code === "EACCES") {
		return new CannotStart(`${prefix}PORT=${port} is not for this user to listen on: ${instead}`);
	}
	// Of a foreign address systems say many things.
	if (typeof code !== "string") return error;
	return new SettingsError(
		`${prefix}HOST=${hostname}: must be an address of this machine, or 0.0.0.0 for every one`,
	);
}

/** @throws what `listenFailure` says */
export function listening<T>(place: ListenPlace, listen: () => T): T {
	try {
		return listen();
	} catch (error) {
		throw listenFailure(place, error);
	}
}
