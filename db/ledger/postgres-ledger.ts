import { invariant } from "../../schemas/invariant.ts";
import type {
	AccessState,
	Ledger,
	LedgerBatch,
	ShardPositions,
	ShardState,
	TransferRow,
} from "../../schemas/ports/ledger.ts";
import { batchStatement } from "./batch-statement.ts";
import type { PostgresSettings } from "./connection-settings.ts";
import { loadAccess, loadPositions, loadShard } from "./load-shard.ts";
import { type PoolOptions, PostgresPool, type RawClient } from "./postgres-pool.ts";
import { inTransaction } from "./transaction.ts";

/** A shard has one commit at a time; a few shards and a load go on beside each other. */
const CONNECTIONS = 4;

/** Ten minutes of orders leave a million client ids: a load of them takes ten seconds and more. */
const LOAD_TIMEOUT_MS = 300_000;

/** A shard as it is at one moment. It locks nothing, and may take its time over many rows. */
const BEGIN_LOAD =
	"begin isolation level repeatable read read only; set local idle_in_transaction_session_timeout = 0";

/** The ledger in PostgreSQL. Migrations must have been applied. */
export class PostgresLedger implements Ledger {
	private readonly pool: PostgresPool<RawClient>;

	constructor(settings: PostgresSettings, options: Partial<PoolOptions> = {}) {
		this.pool = new PostgresPool(settings, CONNECTIONS, (client) => client, options);
	}

	/** One statement: the row's lock is what compares and swaps. */
	raiseEpoch(shard: number, atLeast: number): Promise<number> {
		return this.pool.run(async (sql) => {
			const [row] = await sql<{ epoch: number }[]>`
				insert into shards (shard, epoch, batch, config)
				values (${shard}, greatest(1, ${atLeast}::bigint), 0, '{"assets":[],"symbols":[]}')
				on conflict (shard) do update set epoch = greatest(shards.epoch + 1, ${atLeast}::bigint)
				returning epoch`;
			invariant(row !== undefined, `the epoch of shard ${shard} did not come back`);
			return row.epoch;
		});
	}

	load(shard: number): Promise<ShardState> {
		return this.pool.run(
			(sql) => inTransaction(sql, BEGIN_LOAD, (tx) => loadShard(tx, shard)),
			LOAD_TIMEOUT_MS,
		);
	}

	clockMs(): Promise<number> {
		return this.pool.run(async (sql) => {
			const [row] = await sql<{ ms: number }[]>`
				select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms`;
			invariant(row !== undefined, "the ledger's clock did not answer");
			return Math.floor(row.ms);
		});
	}

	positions(shard: number): Promise<ShardPositions> {
		return this.pool.run((sql) => loadPositions(sql, shard));
	}

	access(): Promise<AccessState> {
		return this.pool.run(loadAccess);
	}

	commit(shard: number, batch: LedgerBatch): Promise<"committed" | "superseded"> {
		const { text, parameters } = batchStatement(shard, batch);
		return this.pool.run(async (sql) => {
			const [done] = await sql.unsafe<{ claimed: number }[]>(text, parameters, { prepare: true });
			return done?.claimed === 1 ? "committed" : whyNotClaimed(sql, shard, batch);
		});
	}

	transfersAfter(shard: number, partition: number, evSeq: number): Promise<readonly TransferRow[]> {
		return this.pool.run(
			(sql) => sql<TransferRow[]>`
				select kind, partition, ev_seq, n, account_id, counter_account_id, debit_asset_id,
					debit_amount, credit_asset_id, credit_amount, fee_amount, symbol_id, trade_id,
					order_id, external_id, ts
				from transfers
				where shard = ${shard} and partition = ${partition} and ev_seq > ${evSeq}
				order by ev_seq, n`,
		);
	}

	close(): Promise<void> {
		return this.pool.close();
	}
}

async function whyNotClaimed(
	sql: RawClient,
	shard: number,
	batch: LedgerBatch,
): Promise<"committed" | "superseded"> {
	const [row] = await sql<{ epoch: number; batch: number }[]>`
		select epoch, batch from shards where shard = ${shard}`;
	invariant(row !== undefined, `shard ${shard} has no epoch`);
	if (row.epoch !== batch.epoch) return "superseded";
	invariant(
		row.batch >= batch.batch,
		`batch ${batch.batch} of shard ${shard} follows ${row.batch}`,
	);
	return "committed";
}
