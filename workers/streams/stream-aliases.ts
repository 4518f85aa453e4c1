/** Names under which a stream goes out besides its own, each with the same payload. */
const ALIASES: readonly (readonly [stream: RegExp, aliases: readonly string[]])[] = [
	// The usual pace, said out: some clients always name it.
	[/@depth(?:5|10|20)?$/, ["$&@1000ms"]],
	[/^!miniTicker@arr$/, ["$&@1000ms", "$&@3000ms"]],
	// Best prices of all symbols: Binance retired it, clients still offer it.
	[/^[^!].*@bookTicker$/, ["!bookTicker"]],
];

/**
 * The other names of streams. Names are remembered, since there are a few dozen per symbol and
 * each is asked for many times a second.
 */
export class StreamAliases {
	private readonly known = new Map<string, readonly string[]>();

	/** Without the stream's own name; empty when it has no other. */
	of(stream: string): readonly string[] {
		let names = this.known.get(stream);
		if (names === undefined) {
			const found = ALIASES.find(([pattern]) => pattern.test(stream));
			names = found?.[1].map((alias) => stream.replace(found[0], alias)) ?? [];
			this.known.set(stream, names);
		}
		return names;
	}
}
