import { expect, test } from "bun:test";
import { LinkEnd } from "./link-end.ts";

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
