/**
 * The log asks for a version of the rules that this program does not know. It must take nothing more from this log: a
 * newer one goes on from here.
 *
 * It has no name of its own: no fault of the program, so whoever ends by it is told its words, and no stack.
 */
export class EngineTooOld extends Error {
	constructor(partition: number, version: number, newestVersion: number) {
		super(
			`orders ${partition} goes on by version ${version} of the engine's rules, and this program knows up to ${newestVersion}: run the newer one (docs/runbooks/upgrade.md)`,
		);
	}
}
