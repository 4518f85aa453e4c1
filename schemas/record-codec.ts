import type { OrdersRecord } from "./command.ts";
import { commandOf, commandRow } from "./command-codec.ts";
import type { EventRecord } from "./event.ts";
import { decodeEvents, encodeEvents } from "./event-words.ts";

/** How a topic's records become text and back; `decode(encode(r))` equals r. */
export interface Codec<R> {
	encode(record: R): string;
	/** @throws RangeError or SyntaxError on what `encode` did not make */
	decode(text: string): R;
}

/** First element of every line: a reader refuses a version it does not know. */
const VERSION = 1;

export const ordersCodec: Codec<OrdersRecord> = {
	encode(r) {
		return r.command === null
			? JSON.stringify([VERSION, r.shard, r.epoch, r.ts])
			: JSON.stringify([VERSION, r.shard, r.epoch, r.ts, r.seq, commandRow(r.command)]);
	},
	decode(text) {
		const row = parseRow(text);
		const [, shard, epoch, ts, seq, command] = row as number[];
		if (row.length === 4) return { shard: shard!, epoch: epoch!, ts: ts!, command: null };
		return {
			shard: shard!,
			epoch: epoch!,
			ts: ts!,
			seq: seq!,
			command: commandOf(command as unknown as unknown[]),
		};
	},
};

export const tradesCodec: Codec<EventRecord> = {
	encode(r) {
		return JSON.stringify([
			VERSION,
			r.partition,
			r.evSeq,
			r.ts,
			r.shard,
			r.epoch,
			r.seq,
			r.part,
			r.last ? 1 : 0,
			r.command === null ? null : commandRow(r.command),
			encodeEvents(r.events),
			r.hash,
		]);
	},
	decode(text) {
		const row = parseRow(text);
		return {
			partition: row[1] as number,
			evSeq: row[2] as number,
			ts: row[3] as number,
			shard: row[4] as number,
			epoch: row[5] as number,
			seq: row[6] as number,
			part: row[7] as number,
			last: row[8] === 1,
			command: row[9] === null ? null : commandOf(row[9] as unknown[]),
			events: decodeEvents(row[10] as number[]),
			hash: row[11] as string,
		};
	},
};

function parseRow(text: string): readonly unknown[] {
	const row: unknown = JSON.parse(text);
	if (!Array.isArray(row) || row[0] !== VERSION) {
		throw new RangeError(`not a log record of version ${VERSION}: ${text.slice(0, 60)}`);
	}
	return row;
}
