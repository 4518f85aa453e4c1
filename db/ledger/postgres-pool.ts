import postgres from "postgres";
import { invariant } from "../../schemas/invariant.ts";
import { LedgerUnavailable } from "../../schemas/ports/ledger.ts";
import { type PostgresSettings, postgresOptions } from "./connection-settings.ts";
import { postgresFailure } from "./postgres-failure.ts";
import { forgetOrigins } from "./query-origins.ts";

/** A postgres.js client whose int8 are safe integers and whose numeric are bigint. */
export type RawClient = ReturnType<typeof rawClient>;

/** One connection of a raw client, between BEGIN and COMMIT. */
export type RawTransaction = Awaited<ReturnType<RawClient["reserve"]>>;

/** What differs from pool to pool. */
export interface PoolOptions {
	/** How long a call may take before its outcome counts as unknown, ms. */
	readonly callTimeoutMs: number;
	/** False: answered before it is on the disk, so a crash of the server may undo the last half second. */
	readonly durable: boolean;
}

const DEFAULTS: PoolOptions = { callTimeoutMs: 15_000, durable: true };

function rawClient(settings: PostgresSettings, connections: number, durable: boolean) {
	const options = postgresOptions(settings, connections);
	const { connection } = options;
	return postgres({
		...options,
		connection: durable ? connection : { ...connection, synchronous_commit: "off" },
		transform: { column: { from: postgres.toCamel } },
		types: {
			int8: { to: 20, from: [20], serialize: (value: number) => `${value}`, parse: safeInteger },
			numeric: {
				to: 1700,
				from: [1700],
				serialize: (value: bigint) => `${value}`,
				parse: (text: string) => BigInt(text),
			},
		},
	});
}

function safeInteger(text: string): number {
	const value = Number(text);
	invariant(Number.isSafeInteger(value), `the database holds ${text}, beyond 2^53`);
	return value;
}

/**
 * Connections that are thrown away and made anew when the server goes or turns read-only: after a
 * failover the old ones would still lead to a server that no longer is the writer.
 *
 * `C` is what is built on a fresh client: the client itself, or drizzle, which spoils a client's
 * serializers for raw SQL and so needs one of its own.
 */
export class PostgresPool<C> {
	private readonly settings: PostgresSettings;
	private readonly connections: number;
	private readonly build: (client: RawClient) => C;
	private readonly options: PoolOptions;
	private client: RawClient;
	private built: C;
	private closed = false;

	constructor(
		settings: PostgresSettings,
		connections: number,
		build: (client: RawClient) => C,
		options: Partial<PoolOptions> = {},
	) {
		this.options = { ...DEFAULTS, ...options };
		this.settings = settings;
		this.connections = connections;
		this.build = build;
		this.client = this.connect();
		this.built = build(this.client);
	}

	/**
	 * @param timeoutMs for a call that may take longer than others
	 * @throws LedgerUnavailable when the outcome is unknown or nothing was done for a passing reason
	 * @throws InvariantViolation when the schema forbids what was asked
	 */
	async run<T>(work: (built: C) => Promise<T>, timeoutMs = this.options.callTimeoutMs): Promise<T> {
		if (this.closed) throw new LedgerUnavailable("the pool is closed");
		const { client } = this;
		let timer: ReturnType<typeof setTimeout> | undefined;
		const late = new Promise<never>((_, reject) => {
			timer = setTimeout(() => reject(new LedgerUnavailable("no answer")), timeoutMs);
		});
		try {
			return await Promise.race([work(this.built), late]);
		} catch (thrown) {
			const { error, discardPool } = postgresFailure(thrown);
			if (discardPool || thrown instanceof LedgerUnavailable) this.discard(client);
			throw error;
		} finally {
			clearTimeout(timer);
		}
	}

	async close(): Promise<void> {
		this.closed = true;
		await this.client.end({ timeout: 1 });
	}

	/** Calls in flight on the old client fail, and are repeated on the new one. */
	private discard(client: RawClient): void {
		if (this.client !== client || this.closed) return;
		this.client = this.connect();
		this.built = this.build(this.client);
		void client.end({ timeout: 0 });
	}

	private connect(): RawClient {
		const client = rawClient(this.settings, this.connections, this.options.durable);
		forgetOrigins(client);
		return client;
	}
}
