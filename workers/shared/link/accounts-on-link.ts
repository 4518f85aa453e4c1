import { accountMethods } from "../../../schemas/link/account-methods.ts";
import { type Message, messageOf } from "../../../schemas/link/link-end.ts";
import { type Call, type Hello, MessageKind, settled } from "../../../schemas/link/messages.ts";
import type { AccountService } from "../../../schemas/ports/account-service.ts";
import type { Answered } from "./call-server.ts";
import type { LinkService } from "./link-service.ts";

/** A shard that is served, as its account worker tells. */
export interface ServedShard {
	readonly shard: number;
	readonly epoch: number;
	readonly service: AccountService;
	/** How far it has settled, by partition. */
	evSeqs(): readonly number[];
}

/** The account workers of this process, over links. */
export class AccountsOnLink implements LinkService {
	readonly methods = accountMethods as unknown as LinkService["methods"];
	private readonly served: () => readonly ServedShard[];

	constructor(served: () => readonly ServedShard[]) {
		this.served = served;
	}

	hello(): Hello {
		const shards = this.served().map(({ shard, epoch }) => ({ shard, epoch }));
		return { service: "accounts", shards };
	}

	farewell(): Hello {
		return { service: "accounts", shards: [] };
	}

	async answer({ target, method }: Call, args: readonly unknown[]): Promise<Answered> {
		const shard = this.served().find((one) => one.shard === target);
		if (shard === undefined) throw new Error(`shard ${target} is not served here`);
		const { service } = shard;
		const ask = service[method as keyof AccountService] as (...a: unknown[]) => Promise<unknown>;
		return { value: await ask.apply(service, args as unknown[]), evSeq: 0 };
	}

	newsOfLink(): () => readonly Message[] {
		const told = new Map<number, number[]>();
		return () => {
			const news: Message[] = [];
			for (const served of this.served()) {
				const { shard } = served;
				const ofShard = told.get(shard) ?? [];
				told.set(shard, ofShard);
				served.evSeqs().forEach((evSeq, partition) => {
					if (evSeq <= (ofShard[partition] ?? 0)) return;
					ofShard[partition] = evSeq;
					news.push(messageOf(MessageKind.Settled, settled, { shard, partition, evSeq }));
				});
			}
			return news;
		};
	}

	/** How far it has come can wait for the next frame. */
	onNews(): () => void {
		return () => {};
	}
}
