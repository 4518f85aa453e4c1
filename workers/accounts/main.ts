/** Account workers as a process of their own: one for each shard whose lease it holds. */
import { RedisPubSub } from "../../db/cache/redis-pubsub.ts";
import { PostgresLedger } from "../../db/ledger/postgres-ledger.ts";
import { runProcess } from "../../db/machine/process-frame.ts";
import {
	heldToLedger,
	postgresOf,
	REDIS_SETTINGS,
	redisOf,
	SHARD_SETTINGS,
} from "../../db/stores/server-settings.ts";
import { setting, wholeNumbers } from "../../schemas/settings.ts";
import {
	ACCOUNT_LIMITS,
	AUDIT_SETTINGS,
	CLIENT_ID_SETTINGS,
	DIALER_SETTINGS,
} from "../../schemas/venue-settings.ts";
import { AccountsOnLink } from "../shared/link/accounts-on-link.ts";
import { LOG_SETTINGS, openOrders, openTrades } from "../shared/process/cluster-log.ts";
import { LEASE_SETTINGS, openTurns, owned } from "../shared/process/cluster-turns.ts";
import { dialerOf } from "../shared/process/gateways.ts";
import { accountSettings } from "./settings.ts";
import { rehearse } from "./start.ts";
import { AccountWorker } from "./worker.ts";

/** Every append to Kafka is work for brokers and for all who read it: while there is much to do, few are made. */
const GATHER_MS = 4;

await runProcess({
	name: "accounts",
	says: "holds balances and open orders of users, and answers for them",
	settings: {
		SHARDS: setting(
			"shards that this process works or stands by for, by commas; empty: all",
			"",
			wholeNumbers,
		),
		...SHARD_SETTINGS,
		...ACCOUNT_LIMITS,
		...CLIENT_ID_SETTINGS,
		...AUDIT_SETTINGS,
		...DIALER_SETTINGS,
		...LOG_SETTINGS,
		...LEASE_SETTINGS,
		...REDIS_SETTINGS,
	},
	async start(settings, frame) {
		const shards = owned("SHARDS", settings.SHARDS, 1, settings.ACCOUNT_SHARDS);
		const { clock, scheduler, random, logger } = frame;
		await frame.untilThere("PostgreSQL", () => heldToLedger(settings));
		const orders = await openOrders(settings, frame);
		const trades = await openTrades(settings, frame);
		const pubsub = await RedisPubSub.open(redisOf(settings), logger);
		frame.onDrain(() => pubsub.close());
		const ledger = new PostgresLedger(postgresOf(settings));
		frame.onDrain(() => ledger.close());
		const turns = openTurns(settings, frame);
		const { onFatal } = turns;
		const serving: AccountWorker[] = [];
		const dialer = dialerOf(settings, frame, new AccountsOnLink(() => serving));
		frame.onDrain(() => dialer.stop());
		const accounts = accountSettings(settings, settings.ACCOUNT_SHARDS);
		for (const shard of shards) {
			const parts = {
				...{ shard, orders, trades, ledger, pubsub, clock, scheduler },
				settings: { ...accounts, gatherMs: GATHER_MS },
				exclusive: false,
			};
			const begin = () => {
				const worker = new AccountWorker({ ...parts, random, logger, onFatal });
				return {
					async start() {
						await worker.start();
						serving.push(worker);
						dialer.serviceChanged();
					},
					stop: () => worker.stop(),
					metrics: () => worker.metrics(),
				};
			};
			// Its epoch says whether it is the shard's owner.
			turns.add(`accounts-${shard}`, begin, { mayLose: true, rehearse: () => rehearse(parts) });
		}
		frame.addHealth(() => {
			const stopped = serving.filter(({ withdrawalsStopped }) => withdrawalsStopped);
			const shards = stopped.map(({ shard }) => shard).join(", ");
			return shards === "" ? {} : { withdrawals: `stopped in shard ${shards}` };
		});
		dialer.start();
		turns.start();
	},
});
