import { formatUnits, parseUnits } from "../../schemas/decimal.ts";
import { Side } from "../../schemas/order.ts";
import { isWaiting, leavesLots, type OrderState } from "../../schemas/order-state.ts";
import type { TransferRow } from "../../schemas/ports/ledger.ts";
import { VenueConfig } from "../../schemas/venue-config.ts";
import { type PartitionPlan, type RecoveryPlan, restoredOrders, type ShardPlan } from "./plan.ts";

/** Decimal places that are enough for every tick and lot. */
const PLACES = 18;

/**
 * What a recovery does, in lines for a person: how far everything is known, which orders come back and
 * which do not, and every transfer that is not simply a fill brought forward.
 *
 * @param everyOrder each order that comes back in a line of its own
 */
export function reportOf(plan: RecoveryPlan, everyOrder: boolean): string[] {
	const words = new Words(new VenueConfig(plan.config));
	return [
		...plan.partitions.flatMap((partition) => ofPartition(plan, partition, words, everyOrder)),
		...plan.shards.slice(1).flatMap((shard) => ofShard(shard, words)),
		...plan.partitions.flatMap((partition) => standIns(partition, words)),
		"clearing is zero in every partition and asset",
	];
}

function ofPartition(
	plan: RecoveryPlan,
	{ partition, knownEvSeq, orderLogEvSeq, evSeq }: PartitionPlan,
	words: Words,
	everyOrder: boolean,
): string[] {
	const shards = plan.shards
		.slice(1)
		.map((shard) => `shard ${shard.shard} at ${shard.evSeqs[partition]}`);
	const restored = restoredOrders(plan, partition);
	const bySymbol = [...Map.groupBy(restored, (order) => order.symbolId)];
	return [
		`partition ${partition}: known to evSeq ${knownEvSeq} (order log at ${orderLogEvSeq}, ${shards.join(", ")}); its new log begins with evSeq ${evSeq + 1}`,
		`  ${restored.length} orders are known to be open and come back${restored.length === 0 ? "" : `, ids ${restored[0]?.orderId} to ${restored.at(-1)?.orderId}`}`,
		...bySymbol.map(([symbolId, orders]) => {
			const waiting = orders.filter(isWaiting).length;
			return `    ${words.symbol(symbolId)}: ${orders.length - waiting} rest, ${waiting} wait for their trigger`;
		}),
		...(everyOrder ? restored.map((order) => `    ${words.order(order)}`) : []),
	];
}

function ofShard({ shard, changes, evSeqs }: ShardPlan, words: Words): string[] {
	const { broughtOrders, broughtFills, unanswered, ended, externalIds, shortages } = changes;
	const lines = [`shard ${shard}:`];
	for (const partition of evSeqs.keys()) {
		const [orders, fills] = [broughtOrders[partition], broughtFills[partition]];
		lines.push(
			`  partition ${partition}: ${orders} orders and ${fills} fills brought forward from the order log`,
		);
	}
	lines.push(`  ${unanswered.length} orders whose answer is not known: held amounts released`);
	for (const order of unanswered) lines.push(`    ${words.order(order)}`);
	lines.push(`  ${ended.length} open orders expire, since they cannot be in the book`);
	for (const { order, why } of ended) lines.push(`    ${words.order(order)}: ${why}`);
	lines.push(
		`  ${externalIds.length} deposits and withdrawals that were on their way are completed`,
	);
	for (const row of externalIds) {
		const what = words.amount(row.amount, row.assetId);
		lines.push(`    ${row.kind} ${row.externalId} of user ${row.userId}: ${what}`);
	}
	for (const { userId, assetId, amount } of shortages) {
		const what = words.amount(amount, assetId);
		lines.push(`  TRANSFER: the venue pays in ${what} for user ${userId}, who had spent them`);
	}
	return lines;
}

function standIns({ partition, unknownTrades }: PartitionPlan, words: Words): string[] {
	return unknownTrades.map(
		({ shard, half }) => `TRANSFER: ${words.standIn(half, shard, partition)}`,
	);
}

/** Numbers and ids in the venue's own words. */
class Words {
	private readonly venue: VenueConfig;

	constructor(venue: VenueConfig) {
		this.venue = venue;
	}

	symbol(symbolId: number): string {
		return this.venue.symbolById(symbolId)?.symbol ?? `symbol ${symbolId}`;
	}

	amount(units: bigint, assetId: number): string {
		const asset = this.venue.assetById(assetId);
		if (asset === undefined) return `${units} of asset ${assetId}`;
		return `${formatUnits(units, asset.decimals)} ${asset.asset}`;
	}

	order(order: OrderState): string {
		const { orderId, userId, side, symbolId, priceTicks, stopPriceTicks, clientOrderId } = order;
		const spec = this.venue.symbolById(symbolId);
		const name = orderId === 0 ? "order without an id" : `order ${orderId}`;
		const left = decimal(leavesLots(order), spec?.lotSize);
		const price = priceTicks === 0 ? "at market" : `at ${decimal(priceTicks, spec?.tickSize)}`;
		const stop = isWaiting(order) ? `, waits for ${decimal(stopPriceTicks, spec?.tickSize)}` : "";
		const verb = side === Side.Buy ? "buys" : "sells";
		return `${name} (${clientOrderId}) of user ${userId} ${verb} ${left} ${this.symbol(symbolId)} ${price}${stop}`;
	}

	standIn(half: TransferRow, shard: number, partition: number): string {
		const payIn = this.amount(half.creditAmount, half.creditAssetId);
		const takeOut = this.amount(half.debitAmount, half.debitAssetId);
		return `trade ${half.tradeId} of ${this.symbol(half.symbolId)} (partition ${partition}, evSeq ${half.evSeq}): the half of user ${half.accountId}, order ${half.orderId}, shard ${shard}, was settled; whose the other is, is not known. The venue stands in: pays in ${payIn}, takes out ${takeOut}`;
	}
}

function decimal(count: number, size: string | undefined): string {
	const units = size === undefined ? null : parseUnits(size, PLACES);
	if (typeof units !== "bigint") return `${count}`;
	return formatUnits(units * BigInt(count), PLACES).replace(/\.?0+$/, "");
}
