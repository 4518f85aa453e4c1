import type { Message } from "../../../schemas/link/link-end.ts";
import type { Hello } from "../../../schemas/link/messages.ts";
import type { Answering } from "./call-server.ts";

/** What a worker serves over its links. */
export interface LinkService extends Answering {
	/** Whom it serves now. */
	hello(): Hello;
	/** What it says when it serves nobody any more. */
	farewell(): Hello;
	/** For one link: what is new since it was asked last, to go ahead of the answers. All of it at first. */
	newsOfLink(): () => readonly Message[];
	/** Told when there is news that should not wait for an answer; gives what takes it back. */
	onNews(tell: () => void): () => void;
}
