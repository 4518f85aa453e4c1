import { type Guard, guard } from "./guard.ts";

const FEED = "workers/streams/feed-order.ts";
const WORKER = "workers/streams/worker.ts";
const GATE = "schemas/user-event-gate.ts";

/** Rules of the streams: a client hears everything, or its connection ends. */
export const streamGuards: readonly Guard[] = [
	guard(
		"streams: who leaves takes nobody along",
		"never a silent hole",
		"workers/streams/audience.ts",
		"counts[form] = (counts[form] ?? 0) - 1;",
		"counts[form] = 0;",
	),
	guard(
		"user streams: the last fill says the end",
		"an execution report says how the order stands",
		"workers/accounts/settle.ts",
		"if (tracked.lastTrade !== null) tracked.lastTrade.order = after;",
		"",
	),
	guard(
		"streams: a break closes",
		"a lost message, or another run of market data, ends the market streams",
		FEED,
		'message.seq === last.seq + 1 ? "next" : "broken";',
		'message.seq === last.seq + 1 ? "next" : "next";',
	),
	guard(
		"streams: the first message closes",
		"what was before the first message of market data is not known",
		FEED,
		'if (last === undefined) return "first";',
		'if (last === undefined) return "next";',
	),
	{
		name: "streams: repeats are dropped",
		rule: "a message that was said is not said again",
		patches: [
			{ file: WORKER, find: '		if (step === "repeated") return;\n', replace: "" },
			{
				file: WORKER,
				find: 'if (step !== "next") this.interrupt(',
				replace: 'if (step !== "next" && step !== "repeated") this.interrupt(',
			},
		],
	},
	{
		name: "streams: slow clients are closed",
		rule: "a client that leaves too much unread is closed, and never skipped",
		patches: [
			{
				file: WORKER,
				find: "closeOnBackpressureLimit: true,",
				replace: "closeOnBackpressureLimit: false as boolean,",
			},
			{
				file: "workers/streams/connection.ts",
				find: "else if (this.socket.send(text) === 0) this.cut();",
				replace: "else this.socket.send(text);",
			},
		],
	},
	guard(
		"user streams: gaps",
		"a message follows when the one before it was taken",
		GATE,
		"if (message.previous !== null) return this.isCovered(message.previous);",
		"if (message.previous !== null) return true;",
	),
	guard(
		"user streams: checks",
		"a lost event that no other follows is asked for",
		GATE,
		'if (!this.closed && !this.asking) this.question = this.ask("check");',
		"if (this.closed) return;",
	),
	guard(
		"user streams: repeats are dropped",
		"every event comes once",
		GATE,
		"		if (this.isCovered(message.id)) return;\n		this.cover(message.id);",
		"		this.cover(message.id);",
	),
	{
		name: "user streams: one owner",
		rule: "another owner's first new event ends the gate, as does its answer",
		patches: [
			{
				file: GATE,
				find: "if (message.epoch > this.epoch && !this.isCovered(message.id)) this.end(TAKEN_OVER);\n			return;",
				replace: "this.epoch = message.epoch;",
			},
			{
				file: GATE,
				find: "		if (epoch !== this.epoch) return this.end(TAKEN_OVER);\n",
				replace: "",
			},
		],
	},
	guard(
		"user streams: lost answers",
		"an answer that does not come must not leave the client waiting in silence",
		GATE,
		'reject(new Error("no answer came")),',
		"resolve,",
	),
];
