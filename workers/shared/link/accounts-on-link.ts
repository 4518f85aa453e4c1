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
		const told: number[] = [];
		return () => {
			const news: Message[] = [];
			for (const shard of this.served()) {
				shard.evSeqs().forEach((evSeq, partition) => {
					if (evSeq <= (told[partition] ?? 0)) return;
					told[partition] = evSeq;
					news.push(messageOf(MessageKind.Settled, settled, { partition, evSeq }));
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
