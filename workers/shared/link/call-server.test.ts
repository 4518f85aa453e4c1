import { expect, test } from "bun:test";
import type { Message } from "../../../schemas/link/link-end.ts";
import { MessageKind } from "../../../schemas/link/messages.ts";
import { RowReader, type Shape, tuple, whole } from "../../../schemas/link/shape.ts";
import { type Answering, CallServer } from "./call-server.ts";

/** Takes as many places in a row as it says. */
const places: Shape<unknown> = {
	write(many, row) {
		row.length += many as number;
	},
	read: whole.read,
};

test("an answer that is too large for a frame is none", async () => {
	const said: Message[] = [];
	const answering: Answering = {
		methods: { places: { args: tuple(whole), value: places } as never },
		answer: (_call, [many]) => ({ value: many, evSeq: 0 }),
	};
	const server = new CallServer({ say: (message) => void said.push(message) }, answering, () => {});
	for (const [id, many] of [3_000_000, 4_000_000].entries()) {
		server.take(new RowReader([id, 1, 0, "places", many]));
	}
	while (server.pending > 0) await Promise.resolve();
	expect(said.map(([kind, id]) => [kind, id])).toEqual([
		[MessageKind.Answer, 0],
		[MessageKind.Failure, 1],
	]);
	expect(said[1]).toEqual([MessageKind.Failure, 1, "Error: the answer is too large"]);
});
