import { expect, test } from "bun:test";
import type { LedgerBatch } from "../../schemas/ports/ledger.ts";
import { batchStatement } from "./batch-statement.ts";
import {
	sampleBatch,
	sampleOrder,
	samplePosition,
	samplePrices,
	sampleTransfer,
} from "./contract/ledger-samples.ts";
import { orderDocument } from "./order-document.ts";

/*
 * The statement of a batch as it is sent: what each part does to which table, and the values by the names
 * that it calls them. That a server takes it is the integration test's to show.
 */
function partsOf(changes: Partial<LedgerBatch>) {
	const { text, parameters } = batchStatement(3, sampleBatch(5, 8, changes));
	const [claim = "", ...parts] = text
		.replace(/^with claimed as \(/, "")
		.replace(/\) select count\(\*\)::integer as claimed from claimed$/, "")
		.split(/\), part\d+ as \(/);
	const valuesOf = (part: string) =>
		[...part.matchAll(/\$(\d+)/g)].map(([, n]) => parameters[Number(n) - 1]);
	return {
		claim: { text: claim, values: valuesOf(claim) },
		texts: parts,
		sent: parts.map((part) => {
			expect(part).toContain("exists (select from claimed)");
			const what = /^(insert into|delete from) \w+/.exec(part)?.[0] ?? part;
			return {
				what: part.includes("do update") ? `${what}, replacing` : what,
				parameters: valuesOf(part),
			};
		}),
	};
}

test("a batch is claimed as the next of its epoch", () => {
	const { claim } = partsOf({});
	expect(claim).toEqual({
		text:
			"update shards set batch = $2::bigint, config = coalesce($3::text::jsonb, config), " +
			"log_id = $4::text where shard = $1::integer and epoch = $5::bigint " +
			"and batch = $2::bigint - 1 returning shard",
		values: [8, null, "log", 3, 5, 8],
	});
	const config = { assets: [], symbols: [] };
	expect(partsOf({ config }).claim.values[1]).toBe(JSON.stringify(config));
});

test("old client ids are deleted up to a moment, and not what comes again", () => {
	const forgotten = (changes: Partial<LedgerBatch>) =>
		partsOf(changes).sent.find(({ what }) => what === "delete from recent_client_ids");
	for (const moment of [0, 500]) {
		const { parameters } = forgotten({ forgetClientIdsBeforeMs: moment })!;
		expect(parameters).toEqual([3, moment, "{}", "{}"]);
	}
	const recentClientIds = [{ userId: 7, clientOrderId: "again", finishedAtMs: 600 }];
	const { parameters } = forgotten({ recentClientIds, forgetClientIdsBeforeMs: 500 })!;
	expect(parameters).toEqual([3, 500, "{7}", '{"again"}']);
	const { text } = batchStatement(3, sampleBatch(5, 8, { recentClientIds }));
	expect(text).toContain("(user_id, client_order_id) not in (select unnest(");
});

test("the text is the same whatever the rows are, but for the partitions of closed orders", () => {
	const { text } = batchStatement(3, sampleBatch(5, 8));
	const more = sampleBatch(5, 8, { newOrders: [sampleOrder(4)], transfers: [sampleTransfer(0)] });
	expect(batchStatement(3, more).text).toBe(text);
	const closed = sampleBatch(5, 8, { closedOrders: [{ partition: 0, seq: 9 }] });
	expect(batchStatement(3, closed).text).not.toBe(text);
});

test("each kind of row goes to its table, always in the same order; transfers and new orders never replace", () => {
	const order = sampleOrder(4, { heldAmount: 12n });
	const other = sampleOrder(6, { heldAmount: 14n, clientOrderId: 'a"\x1e,b' });
	const changed = sampleOrder(5, { heldAmount: 13n });
	const { sent } = partsOf({
		balances: [
			{ accountId: 7, assetId: 1, available: 5n, held: 0n },
			{ accountId: -100, assetId: 2, available: -(10n ** 30n), held: 0n },
		],
		newOrders: [order, other],
		openOrders: [changed],
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
			what: "insert into open_orders",
			parameters: [
				3,
				"{0,0}",
				"{4,6}",
				"{7,7}",
				"{2,2}",
				"{12,14}",
				`${orderDocument(order)}\x1e${orderDocument(other)}`,
			],
		},
		{
			what: "insert into open_orders, replacing",
			parameters: [3, "{0}", "{5}", "{7}", "{2}", "{13}", orderDocument(changed)],
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
		{ what: "delete from recent_client_ids", parameters: [3, 0, "{7}", '{"null"}'] },
		{
			what: "insert into external_ids, replacing",
			parameters: [3, "{7}", '{"deposit"}', '{"x,y"}', "{2}", "{50}", "{0}", "{3}", "{0}"],
		},
		{
			what: "insert into positions, replacing",
			parameters: [
				...[3, "{1}", "{10}", "{1}", "{9}", "{9}", "{8}", "{20}", "{40}"],
				...['{"0123456789abcdef"}', "{1700000000000}"],
			],
		},
		{
			what: "insert into symbol_prices, replacing",
			parameters: [3, "{4,6}", "{99,0}", "{101,101}", "{100,100}", "{9,9}"],
		},
	]);
});

test("a part takes its rows as one array a column, documents as one text", () => {
	const parts = (table: string) =>
		partsOf({})
			.texts.filter((text) => text.startsWith(`insert into ${table} `))
			.map((text) => text.replaceAll(/\$\d+/g, "$"));
	const insert =
		"insert into open_orders (shard, partition, seq, user_id, hold_asset_id, held_amount, document) " +
		"select $::integer, rows.partition, rows.seq, rows.user_id, rows.hold_asset_id, " +
		"rows.held_amount, rows.document from rows from (unnest($::text::integer[]), " +
		"unnest($::text::bigint[]), unnest($::text::bigint[]), unnest($::text::integer[]), " +
		"unnest($::text::numeric[]), unnest(string_to_array($::text, chr(30)))) " +
		"as rows(partition, seq, user_id, hold_asset_id, held_amount, document) " +
		"where exists (select from claimed)";
	expect(parts("open_orders")).toEqual([
		insert,
		`${insert} on conflict (shard, partition, seq) do update set user_id = excluded.user_id, ` +
			"hold_asset_id = excluded.hold_asset_id, held_amount = excluded.held_amount, " +
			"document = excluded.document",
	]);
	expect(parts("transfers").join()).not.toContain("on conflict");
});

test("closed orders go by a part for each partition", () => {
	const closed = (partition: number, seq: number) => ({ partition, seq });
	const { sent, texts } = partsOf({
		closedOrders: [closed(0, 9), closed(2, 9), closed(0, 4)],
	});
	const isOfClosed = (text: string) => text.startsWith("delete from open_orders");
	expect(sent.filter(({ what }) => isOfClosed(what)).map(({ parameters }) => parameters)).toEqual([
		[3, 0, "{9,4}"],
		[3, 2, "{9}"],
	]);
	expect(texts.find(isOfClosed)?.replaceAll(/\$\d+/g, "$")).toBe(
		"delete from open_orders where shard = $::integer and partition = $::integer " +
			"and seq = any($::text::bigint[]) and exists (select from claimed)",
	);
});
