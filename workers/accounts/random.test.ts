import { expect, test } from "bun:test";
import type { OrderState } from "../../schemas/order-state.ts";
import type { TransferRow } from "../../schemas/ports/ledger.ts";
import { type BalanceRow, clearingAccount } from "../../schemas/ports/ledger.ts";
import { faultsOf } from "./audit.ts";
import { RandomVenue } from "./testing/random-venue.ts";
import { order, type Process, user } from "./testing/world.ts";

const SEEDS = Number(process.env["ACCOUNT_SEEDS"] ?? 25);
const FIRST_SEED = Number(process.env["ACCOUNT_FIRST_SEED"] ?? 1);
const STEPS = 150;

for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
	test(`no money is made or lost, whatever is killed, lost or doubled: seed ${seed}`, async () => {
		const venue = new RandomVenue(seed);
		await venue.open();
		for (let step = 0; step < STEPS; step += 1) {
			await venue.step();
			for (const worker of venue.liveWorkers()) {
				expect(faultsOf(await worker.service.audit())).toEqual([]);
			}
		}
		await venue.calm();
		for (const { fatal } of venue.processes.values()) expect(fatal).toEqual([]);
		for (const { fatal } of venue.zombies) {
			expect(fatal.map((error) => (error as Error).name)).toEqual(["Superseded"]);
		}
		expect(venue.answers.some((answer) => answer.ok)).toBe(true);
		await restartChangesNothing(venue);
		clearingCancelsOut(venue);
		transfersMakeBalances(venue);
	});
}

/** Both shards stand at the same events: what one owes the other, the other is owed. */
function clearingCancelsOut(venue: RandomVenue): void {
	const sums = new Map<string, bigint>();
	for (const shard of [1, 2]) {
		for (const { accountId, assetId, available } of venue.world.database.load(shard).balances) {
			if (accountId > clearingAccount(0)) continue;
			const key = `${accountId}/${assetId}`;
			sums.set(key, (sums.get(key) ?? 0n) + available);
		}
	}
	expect([...sums].filter(([, sum]) => sum !== 0n)).toEqual([]);
}

/** The ledger's balances are the sums of its transfers: double entry, every movement once. */
function transfersMakeBalances(venue: RandomVenue): void {
	for (const shard of [1, 2]) {
		const sums = new Map<string, bigint>();
		const add = (accountId: number, assetId: number, amount: bigint): void => {
			const key = `${accountId}/${assetId}`;
			sums.set(key, (sums.get(key) ?? 0n) + amount);
		};
		for (const row of venue.world.database.transfers(shard)) post(row, add);
		const balances = venue.world.database.load(shard).balances;
		expect(totals(balances)).toEqual(nonZero(sums));
	}
}

function post(row: TransferRow, add: (id: number, asset: number, amount: bigint) => void): void {
	// What the outside is owed is kept positive, so it grows with what comes in.
	const sign = row.counterAccountId === -2 ? -1n : 1n;
	add(row.accountId, row.debitAssetId, -row.debitAmount);
	add(row.counterAccountId, row.debitAssetId, sign * row.debitAmount);
	add(row.accountId, row.creditAssetId, row.creditAmount - row.feeAmount);
	add(row.counterAccountId, row.creditAssetId, -sign * row.creditAmount);
	add(-1, row.creditAssetId, row.feeAmount);
}

function totals(balances: readonly BalanceRow[]): [string, bigint][] {
	const all = balances.map((b): [string, bigint] => [
		`${b.accountId}/${b.assetId}`,
		b.available + b.held,
	]);
	return nonZero(new Map(all));
}

function nonZero(sums: ReadonlyMap<string, bigint>): [string, bigint][] {
	return [...sums].filter(([, sum]) => sum !== 0n).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** A worker that starts from ledger and log has what the one before had, to the unit. */
async function restartChangesNothing(venue: RandomVenue): Promise<void> {
	for (const shard of [1, 2]) {
		const before = venue.processes.get(shard) as Process;
		const then = await view(venue, before);
		venue.world.kill(before);
		await venue.restart(shard);
		expect(await view(venue, venue.processes.get(shard) as Process)).toEqual(then);
	}
}

async function view(venue: RandomVenue, { worker }: Process): Promise<unknown[]> {
	const views: unknown[] = [];
	for (let userId = 1; userId <= 5; userId += 1) {
		const account = await venue.world.value(worker.service.account(userId));
		const orders = await venue.world.value(worker.service.openOrders(userId, 0));
		const balances = [...account.balances].sort((a, b) => a.assetId - b.assetId);
		views.push(balances.filter((b) => b.available + b.held > 0n));
		views.push([...orders].sort((a, b) => a.partition - b.partition || a.orderId - b.orderId));
		for (const order of orders) await goesByItsId(venue, worker, order);
	}
	return views;
}

/** An open order is found by its client id, which no other order may have where the client gave it. */
async function goesByItsId(
	{ world }: RandomVenue,
	{ service }: Process["worker"],
	{ userId, symbolId, orderId, clientOrderId, clientIdGiven }: OrderState,
): Promise<void> {
	const found = await world.value(
		service.findOrder(userId, { symbolId, orderId: 0, clientOrderId }),
	);
	expect(found).toMatchObject({ found: true, order: { orderId } });
	if (!clientIdGiven) return;
	const again = service.placeOrder(user(userId), order({ symbolId, clientOrderId }));
	expect(await world.refusal(again)).toBe("duplicateOrder");
}
