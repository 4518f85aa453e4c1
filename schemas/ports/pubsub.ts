/** A named, typed stream of messages. In one process the very objects are passed on. */
export interface Channel<M> {
	readonly name: string;
	readonly codec: { encode(message: M): string; decode(text: string): M };
}

/** At most once, in order per publisher: a subscriber sees gaps by the ids in the messages. */
export interface PubSub {
	publish<M>(channel: Channel<M>, message: M): void;
	subscribe<M>(channel: Channel<M>, handle: (message: M) => void): () => void;
	/**
	 * Tells when messages may have been lost, of whichever channel and publisher, once they are heard again: a
	 * lost message that no other follows would not be missed. In one process it never happens.
	 */
	onLoss(handle: () => void): () => void;
}
