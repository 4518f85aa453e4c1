/** Globals of a browser, put in place for a page's script; what was there before comes back. */
export class BrowserGlobals {
	private readonly before = new Map<string, unknown>();

	set(name: string, value: unknown): void {
		if (!this.before.has(name)) this.before.set(name, Reflect.get(globalThis, name));
		Reflect.set(globalThis, name, value);
	}

	restore(): void {
		for (const [name, value] of this.before) Reflect.set(globalThis, name, value);
	}
}
