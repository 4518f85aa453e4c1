import { join } from "node:path";
import type postgres from "postgres";
import { askedPassword } from "./asked-password.ts";

/** How a PostgreSQL is reached: Aurora, or the embedded one. */
export interface PostgresSettings {
	/** Name or address; or, beginning with a slash, the folder of a Unix socket. */
	readonly host: string;
	/** Of a Unix socket, the number in its name. */
	readonly port: number;
	readonly database: string;
	readonly user: string;
	/** Asked at every connect when it is a function: Aurora's tokens live for 15 minutes. Never shown. */
	readonly password: string | (() => Promise<string>);
	/** Null is plain text. The server's certificate is always verified, by `ca` when given (PEM). */
	readonly tls: { readonly ca: string | null } | null;
}

/**
 * The driver asks for the host's name by itself, but for none where the host is an address: Deno would take any
 * certificate then.
 */
function certainOf(host: string, ca: string | null) {
	return { host, ...(ca === null ? {} : { ca }) };
}

/** The longest a connect may take, in seconds, the question for its password included. */
const CONNECT_TIMEOUT_S = 5;

/** The same as options of postgres.js. */
export function postgresOptions(settings: PostgresSettings, connections: number) {
	const { host, port, database, user, password, tls } = settings;
	const address = host.startsWith("/") ? { path: join(host, `.s.PGSQL.${port}`) } : { host, port };
	return {
		...address,
		database,
		user,
		...(typeof password === "string" ? { password } : askedPassword(address, password)),
		ssl: tls === null ? false : certainOf(host, tls.ca),
		max: connections,
		connect_timeout: CONNECT_TIMEOUT_S,
		// No connection ends by age: in the driver that upsets one that is reserved.
		max_lifetime: 0,
		onnotice: () => {},
		connection: {
			application_name: "castle-exchange",
			// A process that hangs in the middle of a transaction keeps its rows locked: a successor, who comes
			// after 1.5 s (DEAD_AFTER_MS), must find them free.
			idle_in_transaction_session_timeout: 1_000,
			client_min_messages: "warning",
		},
	} satisfies postgres.Options<Record<string, postgres.PostgresType>>;
}
