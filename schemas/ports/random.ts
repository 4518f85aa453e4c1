/** Unpredictable bytes; in simulation they are the seed's. */
export interface Random {
	bytes(count: number): Uint8Array<ArrayBuffer>;
}
