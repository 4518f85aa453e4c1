import { expect, test } from "bun:test";
import { CloseCode, LinkEnd } from "./link-end.ts";
import { MessageKind } from "./messages.ts";

test("why it closed is told, also where a socket tells of its end while it is being closed", () => {
	let nowMs = 0;
	let beat = (): void => {};
	const said: string[] = [];
	const end: LinkEnd = new LinkEnd({
		socket: {
			send: () => {},
			close(code, reason) {
				said.push(`close ${code} ${reason}`);
				end.socketClosed();
			},
		},
		clock: { nowMs: () => nowMs, monotonicMs: () => nowMs },
		scheduler: {
			after: () => () => {},
			every(_periodMs, run) {
				beat = run;
				return () => {};
			},
			soon: (run) => run(),
		},
		receive: () => {},
		news: () => [],
		closed: (reason) => said.push(`closed: ${reason}`),
	});
	nowMs = 3_000;
	beat();
	beat();
	expect(said.sort()).toEqual(["close 4001 nothing was heard", "closed: nothing was heard"]);
});

test("what is much is sent as several frames, in order", () => {
	const frames: string[] = [];
	const end = new LinkEnd({
		socket: { send: (frame) => frames.push(frame), close: () => {} },
		clock: { nowMs: () => 0, monotonicMs: () => 0 },
		scheduler: { after: () => () => {}, every: () => () => {}, soon: () => {} },
		receive: () => {},
		news: () => [],
		closed: () => {},
	});
	const megabytes = [1, 2, 3, 0, 9, 1, 1];
	for (const [i, size] of megabytes.entries()) {
		end.say([MessageKind.Failure, i, "?".repeat(size << 20)]);
	}
	end.close(CloseCode.Done, "");
	const numbers = frames.map((frame) => JSON.parse(frame).map(([, i]: [number, number]) => i));
	expect(numbers).toEqual([[0, 1], [2, 3], [4], [5, 6]]);
	expect(end.traffic).toMatchObject({ framesOut: 4, messagesOut: megabytes.length });
});
