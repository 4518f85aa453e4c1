import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ENDPOINT_FILE } from "../../../../db/data-dir/operator-endpoint.ts";
import { silentLogger } from "../../../../db/ledger/contract/silent-logger.ts";
import { PostgresLedger } from "../../../../db/ledger/postgres-ledger.ts";
import { KafkaLog } from "../../../../db/log/kafka/kafka-log.ts";
import { systemScheduler } from "../../../../db/machine/system-time.ts";
import {
	POSTGRES_SETTINGS,
	postgresOf,
	VENUE_SETTINGS,
} from "../../../../db/stores/server-settings.ts";
import { runTool } from "../../../../infra/local/run-tool.ts";
import type { Part } from "../../../../infra/stack/part.ts";
import { stackSettings } from "../../../../infra/stack/settings.ts";
import { Stack } from "../../../../infra/stack/stack.ts";
import type { OrdersRecord } from "../../../../schemas/command.ts";
import type { EventRecord } from "../../../../schemas/event.ts";
import { shardOfUser } from "../../../../schemas/ports/users.ts";
import { type Codec, ordersCodec, tradesCodec } from "../../../../schemas/record-codec.ts";
import { readSettings } from "../../../../schemas/settings.ts";
import { DEFAULT_VENUE, venueNames } from "../../../../schemas/stores.ts";
import { type PrintedKey, type TestUser, WIDE_LIMITS } from "../running-exchange.ts";
import { TestMarkets } from "../test-markets.ts";

const SHARDS = 2;
const PARTITIONS = 2;

const FILE_POLL_MS = 25;
const CHECKOUT = resolve(import.meta.dirname, "../../../..");

/** Both topics of a running stack, read from Kafka. */
export interface StackLog {
	readonly orders: KafkaLog<OrdersRecord>;
	readonly trades: KafkaLog<EventRecord>;
	close(): Promise<void>;
}

/** The whole exchange on real servers, in a folder of its own, whose parts a test may kill. */
export class StackUnderTest {
	readonly dataDir = mkdtempSync(join(tmpdir(), "castle-kills-"));
	readonly operator: TestMarkets = new TestMarkets(this);
	private readonly stack: Stack;

	/** @param say told what happens to its parts */
	constructor(say: (line: string) => void) {
		this.stack = new Stack({
			settings: stackSettings(
				{
					...{ DATA_DIR: this.dataDir, PORT: "0", EDGE: process.env["EDGE"] ?? "bun" },
					...{ PARTITIONS: `${PARTITIONS}`, ACCOUNT_SHARDS: `${SHARDS}` },
				},
				this.dataDir,
			),
			environment: { ...process.env, ...WIDE_LIMITS, LOG_ONE_IN: "1000000" },
			say,
			told: ({ name, state, pid }, why) => say(`${name} ${state} ${pid || ""} ${why}`.trim()),
			logger: silentLogger,
		});
	}

	/** Resolves when everything answers, the standbys too. */
	async start(): Promise<void> {
		await this.stack.start();
		await this.untilUp();
	}

	get url(): string {
		return this.stack.url;
	}

	part(name: string): Part {
		return this.stack.part(name);
	}

	/** Of every server and process that runs. */
	pids(): number[] {
		return this.stack.parts.map(({ pid }) => pid).filter((pid) => pid > 0);
	}

	/** Every process dies, and stays down until `startProcesses`; the servers run on. */
	async killProcesses(): Promise<void> {
		await Promise.all(this.stack.processParts.map(ended));
	}

	/** Resolves when all of them answer, the operator's listener too. */
	async startProcesses(): Promise<void> {
		const file = join(this.dataDir, ENDPOINT_FILE);
		rmSync(file);
		for (const part of this.stack.processParts) part.start();
		await this.untilUp();
		while (!existsSync(file)) await Bun.sleep(FILE_POLL_MS);
	}

	/** Kafka dies, and comes back with an empty disk. */
	async wipeKafka(): Promise<void> {
		const kafka = this.part("kafka");
		await ended(kafka);
		rmSync(join(this.dataDir, "servers/kafka"), { recursive: true });
		kafka.start();
		await kafka.untilUp();
	}

	/** Runs a program of the checkout with the environment of the processes; resolves with what it said. */
	run(program: string, ...flags: string[]): Promise<string> {
		return runTool([process.execPath, join(CHECKOUT, program), ...flags], {
			env: this.stack.environment,
		});
	}

	/** Every part answers, or stands by. */
	async untilUp(): Promise<void> {
		await Promise.all(this.stack.parts.map((part) => part.untilUp()));
	}

	/** The process that has a lease now: `accounts-1`, `matching-0`. */
	async holderOf(lease: string): Promise<Part> {
		const kind = lease.split("-", 1)[0] ?? "";
		for (const part of this.stack.parts.filter(({ name }) => name.startsWith(kind))) {
			if (!part.isUp()) continue;
			const metrics = await (await fetch(`http://127.0.0.1:${part.port}/metrics`)).text();
			if (metrics.includes(`castle_lease_held{lease="${lease}"} 1`)) return part;
		}
		throw new Error(`nobody holds ${lease}`);
	}

	/** A user of this shard, with these deposits. */
	async createUser(deposits: Readonly<Record<string, string>>): Promise<TestUser> {
		const { userId } = await this.operator.operator<{ userId: number }>("user create", {
			email: `${crypto.randomUUID()}@example.com`,
			password: "correct horse battery",
		});
		const user = String(userId);
		for (const [asset, amount] of Object.entries(deposits)) {
			await this.operator.operator("deposit", { user, asset, amount, id: `first-${asset}` });
		}
		const key = await this.operator.operator<PrintedKey>("key create", {
			...{ user, type: "hmac", scopes: "read,trade" },
		});
		return { ...key, userId };
	}

	async openLog(): Promise<StackLog> {
		const names = venueNames(DEFAULT_VENUE);
		const orders = await this.openTopic(names.orders, ordersCodec);
		const trades = await this.openTopic(names.trades, tradesCodec);
		return {
			orders,
			trades,
			async close() {
				await Promise.all([orders.close(), trades.close()]);
			},
		};
	}

	/** The ledger of its processes; the caller closes it. */
	openLedger(): PostgresLedger {
		const table = { ...VENUE_SETTINGS, ...POSTGRES_SETTINGS };
		return new PostgresLedger(postgresOf(readSettings(table, this.stack.environment)));
	}

	async dispose(): Promise<void> {
		await this.stack.stop();
		rmSync(this.dataDir, { recursive: true, force: true });
	}

	private openTopic<R>(topic: string, codec: Codec<R>): Promise<KafkaLog<R>> {
		const brokers = (this.stack.servers["KAFKA_BROKERS"] ?? "").split(",");
		return KafkaLog.open<R>({
			settings: { brokers, tls: false, sasl: null, clientId: "kill-tests" },
			...{ topic, codec, partitions: PARTITIONS },
			...{ scheduler: systemScheduler, logger: silentLogger },
			fatal: (error) => {
				throw error;
			},
		});
	}
}

/** Kills it, and has it stay down. */
async function ended(part: Part): Promise<void> {
	part.kill();
	await part.stop();
}

/** The shard of a user of a stack under test. */
export function shardOf(user: Pick<TestUser, "userId">): number {
	return shardOfUser(user.userId, SHARDS);
}
