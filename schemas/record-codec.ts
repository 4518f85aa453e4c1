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
		const isEpoch = row.length === 4;
		const head = isEpoch ? [shard, epoch, ts] : [shard, epoch, ts, seq];
		if (!head.every(Number.isSafeInteger)) throw notARecord(text);
		if (isEpoch) return { shard: shard!, epoch: epoch!, ts: ts!, command: null };
		return {
			shard: shard!,
			epoch: epoch!,
			ts: ts!,
			seq: seq!,
			command: commandOf(command),
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
			command: row[9] === null ? null : commandOf(row[9]),
			events: decodeEvents(row[10] as number[]),
			hash: row[11] as string,
		};
	},
};

/**
 * The same lines for who needs some shards only: of the others' it reads the head, as if they had no command and no
 * events, and does not look at the rest.
 */
export function tradesCodecOf(isWanted: (shard: number) => boolean): Codec<EventRecord> {
	return {
		encode: tradesCodec.encode,
		decode(text) {
			const head = text.slice(1).split(",", HEAD).map(Number);
			const [version, partition, evSeq, ts, shard, epoch, seq, part, last] = head as number[];
			if (version !== VERSION || isWanted(shard as number)) return tradesCodec.decode(text);
			return {
				...{ partition: partition!, evSeq: evSeq!, ts: ts!, shard: shard!, epoch: epoch! },
				...{ seq: seq!, part: part!, last: last === 1, command: null, events: [] },
				// Digits, so it stands there as it is.
				hash: text.slice(text.lastIndexOf('"', text.length - 3) + 1, -2),
			};
		},
	};
}

/** Elements before the command. */
const HEAD = 9;

function parseRow(text: string): readonly unknown[] {
	const row: unknown = JSON.parse(text);
	if (!Array.isArray(row) || row[0] !== VERSION) throw notARecord(text);
	return row;
}

function notARecord(text: string): RangeError {
	return new RangeError(`not a log record of version ${VERSION}: ${text.slice(0, 60)}`);
}
