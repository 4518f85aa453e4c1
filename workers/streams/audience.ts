import { PAYLOAD_FORMS } from "./payload-form.ts";

/** How many connections listen to each stream, by payload form: what nobody hears is not rendered. */
export class Audience {
	private readonly listeners = new Map<string, number[]>();

	join(stream: string, form: number): void {
		let counts = this.listeners.get(stream);
		if (counts === undefined) {
			counts = PAYLOAD_FORMS.map(() => 0);
			this.listeners.set(stream, counts);
		}
		counts[form] = (counts[form] ?? 0) + 1;
	}

	leave(stream: string, form: number): void {
		const counts = this.listeners.get(stream);
		if (counts === undefined) return;
		counts[form] = (counts[form] ?? 0) - 1;
		if (counts.every((count) => count <= 0)) this.listeners.delete(stream);
	}

	/** Listeners by number of form; undefined when there are none at all. */
	of(stream: string): readonly number[] | undefined {
		return this.listeners.get(stream);
	}

	/** Streams that somebody listens to. */
	get size(): number {
		return this.listeners.size;
	}
}
