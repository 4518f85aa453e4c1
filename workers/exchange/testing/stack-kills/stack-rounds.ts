import { AtRest } from "../kill/at-rest.ts";
import { faultsAtRest } from "../kill/at-rest-checks.ts";
import { KillFunds } from "../kill/funds.ts";
import { KillLoad } from "../kill/load.ts";
import { RefereedLog } from "../kill/refereed-log.ts";
import type { TestUser } from "../running-exchange.ts";
import { type Recovery, recovery } from "./recovery.ts";
import type { StackScene } from "./stack-scenes.ts";
import type { StackLog, StackUnderTest } from "./stack-under-test.ts";

/** One strike and what was found afterwards. */
export interface StackRound {
	readonly says: string;
	readonly target: string;
	/** From the strike to the first answered order of the shard or partition; null: nobody took over. */
	readonly takeOverMs: number | null;
	/** The longest time in which nobody's order was answered. */
	readonly longestSilenceMs: number;
	readonly answered: number;
	readonly unknown: number;
	readonly trades: number;
	readonly logRecords: number;
	readonly faults: readonly string[];
}

/** What the operator's audit says, as far as it is looked at. */
interface AuditReport {
	readonly sound: boolean;
	readonly clearing: { readonly partitions: readonly number[] };
}

const USERS = 4;
const CLIENTS_PER_USER = 4;
const GO_ON_AFTER_MS = 50;
const FUNDS = { BTC: "100", ETH: "1000", USDT: "10000000" };
/** Trading goes on for a moment after all is well again. */
const AFTERWARDS_MS = 1_000;
const REST_WITHIN_MS = 60_000;

/** Clients of a stack under test, over many rounds: what was answered in one must be true in all. */
export class StackRounds {
	private readonly exchange: StackUnderTest;
	private readonly users: readonly TestUser[];
	private readonly load: KillLoad;
	private readonly funds: KillFunds;
	private readonly venue: AtRest;
	private readonly log: StackLog;
	private readonly refereed = new RefereedLog();

	private constructor(exchange: StackUnderTest, users: readonly TestUser[], log: StackLog) {
		this.exchange = exchange;
		this.users = users;
		this.log = log;
		this.load = new KillLoad(exchange, users, GO_ON_AFTER_MS);
		this.funds = new KillFunds(exchange.operator, users, FUNDS);
		this.venue = new AtRest(exchange, users);
	}

	static async open(exchange: StackUnderTest): Promise<StackRounds> {
		const users: TestUser[] = [];
		for (let i = 0; i < USERS; i += 1) users.push(await exchange.createUser(FUNDS));
		return new StackRounds(exchange, users, await exchange.openLog());
	}

	close(): Promise<void> {
		return this.log.close();
	}

	/** Strikes while clients trade, waits until all is up again, and asks all there is to ask. */
	async run(scene: StackScene): Promise<StackRound> {
		const { answered, unknown } = this.load;
		const struck = this.strike(scene);
		await Promise.all([
			this.load.trade(CLIENTS_PER_USER, struck),
			this.funds.move(struck),
			struck.catch(() => {}),
		]);
		const { target, recovered } = await struck;
		const { longestSilenceMs } = this.load;
		const faults = await this.faults();
		return {
			...{ says: scene.says, target, faults },
			takeOverMs: takeOverOf(scene, recovered),
			longestSilenceMs,
			answered: this.load.answered - answered,
			unknown: this.load.unknown - unknown,
			trades: [...this.venue.trades.values()].reduce((sum, rows) => sum + rows.length, 0),
			logRecords: this.refereed.records,
		};
	}

	private async strike(scene: StackScene) {
		await Bun.sleep(300 + Math.random() * 1_200);
		const target = await scene.target(this.exchange);
		const [recovered] = await Promise.all([
			recovery(this.exchange, this.users),
			scene.strike(this.exchange, target),
		]);
		await this.exchange.untilUp();
		await Bun.sleep(AFTERWARDS_MS);
		return { target, recovered };
	}

	/** Log, clients, money, audit, and everything the API says. */
	private async faults(): Promise<string[]> {
		await this.atRest();
		const { orders, trades } = this.log;
		const faults = [
			...(await this.refereed.faults(orders, trades)),
			...this.load.notIn(this.refereed.placed),
			...(await this.load.faults()),
			...(await this.funds.faults()),
		];
		const audit = await this.wholeAudit(orders.partitions);
		if (!audit.sound) faults.push(`audit: ${JSON.stringify(audit)}`);
		else if (audit.clearing.partitions.length !== orders.partitions) {
			faults.push("1: clearing could not be asked for");
		}
		await this.atRest();
		faults.push(...(await faultsAtRest(this.venue, this.funds.totals)));
		// So that the bound on open orders does not end the trading.
		await this.load.clear();
		return faults;
	}

	/** One that found all shards at the same event of each partition: beats go on at rest; or one that is not sound. */
	private async wholeAudit(partitions: number): Promise<AuditReport> {
		const deadline = performance.now() + REST_WITHIN_MS;
		for (;;) {
			const report = await this.exchange.operator.operator<AuditReport>("audit", {});
			const isWhole = report.clearing.partitions.length === partitions;
			if (isWhole || !report.sound || performance.now() > deadline) return report;
		}
	}

	/** What is unknown for a while, since the order log is behind, is known in the end; the operator is heard. */
	private async atRest(): Promise<void> {
		const deadline = performance.now() + REST_WITHIN_MS;
		for (;;) {
			try {
				await this.exchange.operator.operator("audit", {});
				return await this.venue.read();
			} catch (error) {
				if (performance.now() > deadline) throw error;
				await Bun.sleep(100);
			}
		}
	}
}

function takeOverOf({ kind, number }: StackScene, recovered: Recovery): number | null {
	if (kind === "accounts") return recovered.shards.get(number) ?? null;
	if (kind === "matching") return recovered.partitions.get(number) ?? null;
	return null;
}
