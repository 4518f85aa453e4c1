import { SettingsError } from "../../schemas/settings.ts";

/** What is wrong with the port. Of a foreign address systems say many things. */
const OF_THE_PORT: readonly unknown[] = ["EADDRINUSE", "EACCES"];

/** What a listener that could not listen ends with: a SettingsError naming HOST, unless it is the port's fault. */
export function listenFailure(host: string, error: unknown): unknown {
	if (OF_THE_PORT.includes((error as { readonly code?: unknown }).code)) return error;
	return new SettingsError(
		`HOST=${host}: must be an address of this machine, or 0.0.0.0 for every one`,
	);
}
