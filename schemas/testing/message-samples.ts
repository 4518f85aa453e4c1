import * as fc from "fast-check";
import type { SymbolSpec } from "../symbol.ts";
import { among, id, text } from "./link-samples.ts";
import { btc, btcUsdt, eth } from "./symbols.ts";

const symbol: fc.Arbitrary<SymbolSpec> = fc
	.record({ symbolId: id, symbol: text, partition: id, tickSize: text, bandPermille: id })
	.map((fields) => ({ ...btcUsdt, ...fields }));

/** The words of a link that are no calls. */
export const messageSamples = {
	hello: fc.oneof(
		fc.record({
			service: fc.constant("accounts" as const),
			shards: fc.array(fc.record({ shard: id, epoch: id }), { maxLength: 3 }),
		}),
		fc.record({
			service: fc.constant("market-data" as const),
			partitions: fc.array(id, { maxLength: 3 }),
		}),
	),
	call: fc.record({ id, target: id, atLeast: id, method: text }),
	answer: fc.record({ id, evSeq: id }),
	failure: fc.record({ id, reason: text }),
	settled: fc.record({ shard: id, partition: id, evSeq: id }),
	venue: fc.record({
		partition: id,
		evSeq: id,
		state: fc.record({
			assets: fc.array(among([btc, eth]), { maxLength: 3 }),
			symbols: fc.array(symbol, { maxLength: 3 }),
		}),
	}),
};
