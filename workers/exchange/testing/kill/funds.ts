import type { TestUser } from "../running-exchange.ts";
import type { TestMarkets } from "../test-markets.ts";
import { units } from "./at-rest.ts";

const ASSET = "USDT";
const IN = "3";
const OUT = "1";

interface Movement {
	readonly user: number;
	readonly action: "deposit" | "withdraw";
	readonly amount: string;
	readonly id: string;
	answered: boolean;
}

/**
 * Deposits and withdrawals while the exchange dies, each said again afterwards with its id: it must
 * count once, whether the first call was answered or not (22).
 */
export class KillFunds {
	/** Deposits minus withdrawals by user, asset to units. */
	readonly totals: Map<string, bigint>[];
	private readonly operator: TestMarkets;
	private readonly users: readonly TestUser[];
	private moved: Movement[] = [];
	private said = 0;

	constructor(
		operator: TestMarkets,
		users: readonly TestUser[],
		first: Readonly<Record<string, string>>,
	) {
		this.operator = operator;
		this.users = users;
		this.totals = users.map(
			() => new Map(Object.entries(first).map(([asset, amount]) => [asset, units(amount)])),
		);
	}

	/** Moves money until `killed` resolves and the last call has failed. */
	async move(killed: Promise<unknown>): Promise<void> {
		let over = false;
		const end = () => {
			over = true;
		};
		killed.then(end, end);
		await Promise.all(this.users.map((_, user) => this.moveOf(user, () => over)));
	}

	/** Says everything once more; what was wrong. */
	async faults(): Promise<string[]> {
		const faults: string[] = [];
		for (const movement of this.moved) {
			const { repeated } = await this.say(movement);
			const { id, user, action, amount } = movement;
			if (movement.answered && !repeated) faults.push(`22: ${action} ${id} was taken twice`);
			const total = this.totals[user] as Map<string, bigint>;
			const sign = action === "deposit" ? 1n : -1n;
			total.set(ASSET, (total.get(ASSET) ?? 0n) + sign * units(amount));
		}
		this.moved = [];
		return faults;
	}

	private async moveOf(user: number, over: () => boolean): Promise<void> {
		while (!over()) {
			for (const [action, amount] of [
				["deposit", IN],
				["withdraw", OUT],
			] as const) {
				this.said += 1;
				const movement = { user, action, amount, id: `kill-${this.said}`, answered: false };
				this.moved.push(movement);
				try {
					await this.say(movement);
					movement.answered = true;
				} catch {
					// The exchange died under this call: whether it counts is unknown.
					return;
				}
			}
		}
	}

	private say({ user, action, amount, id }: Movement): Promise<{ readonly repeated: boolean }> {
		const { userId } = this.users[user] as TestUser;
		return this.operator.operator(action, { user: String(userId), asset: ASSET, amount, id });
	}
}
