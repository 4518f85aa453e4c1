import { createInterface } from "node:readline";
import type { BookKind } from "../../engine/book.ts";
import { rehearsed } from "./rehearsal.ts";
import { latencyRound, memoryRound, throughputRound } from "./round.ts";
import { scriptOf } from "./script.ts";
import { readWorkload } from "./workload.ts";

/** This project's engine as a contender: FILE and book as arguments, questions on stdin. */
const [file = "", book = "fast"] = process.argv.slice(2);
const script = rehearsed(scriptOf(readWorkload(await Bun.file(file).arrayBuffer())));
const commands = script.workload.records;

for await (const line of createInterface({ input: process.stdin })) {
	console.log(JSON.stringify(answer(line, book as BookKind), asText));
}

function answer(question: string, kind: BookKind): object {
	switch (question) {
		case "latency":
			return latencyRound(script, kind);
		case "memory":
			return memoryRound(script, kind);
		default:
			return { commands, ...throughputRound(script, kind) };
	}
}

function asText(_: string, value: unknown): unknown {
	return typeof value === "bigint" ? `${value}` : value;
}
