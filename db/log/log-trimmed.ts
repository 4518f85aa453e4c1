/** Records were asked for that retention has removed: the reader's position is too old for this log. */
export class LogTrimmed extends Error {
	override readonly name = "LogTrimmed";

	constructor(topic: string, partition: number, from: number, first: number) {
		super(`${topic}/${partition} begins at ${first}; ${from} was asked for`);
	}
}
