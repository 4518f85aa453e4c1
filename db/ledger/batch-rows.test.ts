import { expect, test } from "bun:test";
import type { LedgerBatch } from "../../schemas/ports/ledger.ts";
import { batchStatements, runStatements } from "./batch-rows.ts";
import {
	sampleBatch,
	sampleOrder,
	samplePosition,
	samplePrices,
	sampleTransfer,
} from "./contract/ledger-samples.ts";
import { orderDocument } from "./order-document.ts";
import type { RawTransaction } from "./postgres-pool.ts";

/*
 * The statements of a batch as they are sent: which table, and the rows as arrays, a column each. That
 * a server takes them is the integration test's to show.
 */
async function sentFor(changes: Partial<LedgerBatch>) {
	const sent: { readonly what: string; readonly parameters: readonly unknown[] }[] = [];
	const texts: string[] = [];
	const unsafe = (text: string, parameters: readonly unknown[], options: unknown) => {
		texts.push(text.replaceAll(/\s+/g, " ").trim());
		expect(options).toEqual({ prepare: true });
		const what = /^(insert into|delete from) \w+/.exec(text)?.[0] ?? text;
		sent.push({ what: text.includes("do update") ? `${what}, replacing` : what, parameters });
		return Promise.resolve();
	};
	const statements = batchStatements(3, sampleBatch(1, 1, changes));
	await runStatements({ unsafe } as unknown as RawTransaction, statements);
	return { sent, texts };
}

test("a batch without rows sends nothing", async () => {
	expect((await sentFor({})).sent).toEqual([]);
});

test("old client ids are deleted up to a moment, when there is one", async () => {
	expect((await sentFor({ forgetClientIdsBeforeMs: 0 })).sent).toEqual([]);
	for (const moment of [1, 500]) {
		expect((await sentFor({ forgetClientIdsBeforeMs: moment })).sent).toEqual([
			{ what: "delete from recent_client_ids", parameters: [3, moment] },
		]);
	}
});

test("each kind of row goes to its table, always in the same order; only transfers never replace", async () => {
	const order = sampleOrder(4, { heldAmount: 12n });
	const { sent } = await sentFor({
		balances: [
			{ accountId: 7, assetId: 1, available: 5n, held: 0n },
			{ accountId: -100, assetId: 2, available: -(10n ** 30n), held: 0n },
		],
		openOrders: [order],
		closedOrders: [{ partition: 0, seq: 9 }],
		transfers: [sampleTransfer(0, { debitAmount: 8n, externalId: 'a"b\\c' })],
		recentClientIds: [{ userId: 7, clientOrderId: "null", finishedAtMs: 11 }],
		externalIds: [
			{
				...{ userId: 7, externalId: "x,y", kind: "deposit", assetId: 2, amount: 50n },
				...{ partition: 0, seq: 3, doneAtMs: 0 },
			},
		],
		positions: [samplePosition(1)],
		prices: [samplePrices(4), samplePrices(6, { bidTicks: 0 })],
	});
	expect(sent).toEqual([
		{
			what: "insert into balances, replacing",
			parameters: [3, "{7,-100}", "{1,2}", `{5,-${10n ** 30n}}`, "{0,0}"],
		},
		{
			what: "insert into open_orders, replacing",
			parameters: [3, "{0}", "{4}", "{7}", "{2}", "{12}", JSON.stringify([orderDocument(order)])],
		},
		{ what: "delete from open_orders", parameters: [3, 0, "{9}"] },
		{
			what: "insert into transfers",
			parameters: [
				...[
					3,
					"{0}",
					"{40}",
					"{0}",
					'{"fill"}',
					"{7}",
					"{-100}",
					"{2}",
					"{8}",
					"{1}",
					"{5}",
					"{1}",
				],
				...["{1}", "{9}", "{501}", '{"a\\"b\\\\c"}', "{1700000000000}"],
			],
		},
		{
			what: "insert into recent_client_ids, replacing",
			parameters: [3, "{7}", '{"null"}', "{11}"],
		},
		{
			what: "insert into external_ids, replacing",
			parameters: [3, "{7}", '{"deposit"}', '{"x,y"}', "{2}", "{50}", "{0}", "{3}", "{0}"],
		},
		{
			what: "insert into positions, replacing",
			parameters: [
				...[3, "{1}", "{10}", "{1}", "{9}", "{9}", "{20}", "{40}"],
				...['{"0123456789abcdef"}', "{1700000000000}"],
			],
		},
		{
			what: "insert into symbol_prices, replacing",
			parameters: [3, "{4,6}", "{99,0}", "{101,101}", "{100,100}", "{9,9}"],
		},
	]);
});

test("a statement takes its rows as one array a column, documents as one JSON array", async () => {
	const { texts } = await sentFor({
		openOrders: [sampleOrder(4)],
		transfers: [sampleTransfer(0)],
	});
	expect(texts[0]).toBe(
		"insert into open_orders (shard, partition, seq, user_id, hold_asset_id, held_amount, state) " +
			"select $1::integer, rows.partition, rows.seq, rows.user_id, rows.hold_asset_id, " +
			"rows.held_amount, rows.state from rows from (unnest($2::text::integer[]), " +
			"unnest($3::text::bigint[]), unnest($4::text::bigint[]), unnest($5::text::integer[]), " +
			"unnest($6::text::numeric[]), jsonb_array_elements($7::text::jsonb)) " +
			"as rows(partition, seq, user_id, hold_asset_id, held_amount, state) " +
			"on conflict (shard, partition, seq) do update set user_id = excluded.user_id, " +
			"hold_asset_id = excluded.hold_asset_id, held_amount = excluded.held_amount, " +
			"state = excluded.state",
	);
	expect(texts[1]).not.toContain("on conflict");
});

test("closed orders go by a statement for each partition", async () => {
	const closed = (partition: number, seq: number) => ({ partition, seq });
	const { sent, texts } = await sentFor({
		closedOrders: [closed(0, 9), closed(2, 9), closed(0, 4)],
	});
	expect(sent.map(({ parameters }) => parameters)).toEqual([
		[3, 0, "{9,4}"],
		[3, 2, "{9}"],
	]);
	const text =
		"delete from open_orders " +
		"where shard = $1::integer and partition = $2::integer and seq = any($3::text::bigint[])";
	expect(texts).toEqual([text, text]);
});
