/**
 * A text that is put together when somebody first reads it, and once: most streams have no listener.
 * What it is made of must not change. As JSON it is the text.
 */
export class LateText {
	private make: (() => string) | null;
	private text = "";

	constructor(make: () => string) {
		this.make = make;
	}

	toString(): string {
		if (this.make !== null) {
			this.text = this.make();
			this.make = null;
		}
		return this.text;
	}

	toJSON(): string {
		return this.toString();
	}
}
