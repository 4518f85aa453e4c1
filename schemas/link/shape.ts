/**
 * How values become rows of JSON scalars and back. A row is flat: a shape writes its values one behind
 * the other, and reads them in the same order, so that both directions stand in one place. What does not
 * read as the shape says is an error, never a wrong value.
 */

export type Scalar = string | number | null;

/** A row that is being read, from its beginning to its end. */
export class RowReader {
	private readonly row: readonly unknown[];
	private at: number;

	constructor(row: readonly unknown[], at = 0) {
		this.row = row;
		this.at = at;
	}

	/** The next value; undefined behind the end, which no shape takes. */
	next(): unknown {
		return this.row[this.at++];
	}

	/** @throws RangeError unless everything has been read, and no more */
	end(): void {
		if (this.at !== this.row.length) throw new RangeError("a row of another length");
	}
}

export interface Shape<T> {
	/** The field may be absent: what reads as undefined is not there. */
	readonly isOptional?: true;
	write(value: T, row: Scalar[]): void;
	/** @throws RangeError for what `write` did not make */
	read(row: RowReader): T;
}

function wrong(wanted: string, found: unknown): never {
	throw new RangeError(`not ${wanted}: ${typeof found}`);
}

/** A whole number within 2^53, also negative. */
export const whole: Shape<number> = {
	write: (value, row) => void row.push(value),
	read(row) {
		const value = row.next();
		return Number.isSafeInteger(value) ? (value as number) : wrong("a whole number", value);
	},
};

/** Any number but NaN and the infinities. */
export const real: Shape<number> = {
	write: (value, row) => void row.push(value),
	read(row) {
		const value = row.next();
		return typeof value === "number" ? value : wrong("a number", value);
	},
};

export const text: Shape<string> = {
	write: (value, row) => void row.push(value),
	read(row) {
		const value = row.next();
		return typeof value === "string" ? value : wrong("text", value);
	},
};

export const flag: Shape<boolean> = {
	write: (value, row) => void row.push(value ? 1 : 0),
	read(row) {
		const value = row.next();
		if (value === 1) return true;
		return value === 0 ? false : wrong("a flag", value);
	},
};

const INTEGER = /^-?\d+$/;

/** Decimal text, since it may pass 2^53. */
export const big: Shape<bigint> = {
	write: (value, row) => void row.push(value.toString()),
	read(row) {
		const value = row.next();
		if (typeof value !== "string" || !INTEGER.test(value))
			return wrong("a whole number as text", value);
		return BigInt(value);
	},
};

/** One of these values. */
export function one<T extends Scalar>(values: readonly T[]): Shape<T> {
	const known = new Set<unknown>(values);
	return {
		write: (value, row) => void row.push(value),
		read(row) {
			const value = row.next();
			return known.has(value) ? (value as T) : wrong(`one of ${values.join(", ")}`, value);
		},
	};
}

/** Takes no place: always this value. */
export function constant<T>(value: T): Shape<T> {
	return { write: () => {}, read: () => value };
}

/** A flag says whether there is one. */
export function nullable<T>(shape: Shape<T>): Shape<T | null> {
	return {
		write(value, row) {
			row.push(value === null ? 0 : 1);
			if (value !== null) shape.write(value, row);
		},
		read: (row) => (flag.read(row) ? shape.read(row) : null),
	};
}

/** For a field that need not be there: a flag says whether it is. */
export function optional<T>(shape: Shape<T>): Shape<T> {
	return {
		isOptional: true,
		write(value: T | undefined, row) {
			row.push(value === undefined ? 0 : 1);
			if (value !== undefined) shape.write(value, row);
		},
		read: (row) => (flag.read(row) ? shape.read(row) : (undefined as T)),
	};
}

/** The count, then one after the other. */
export function list<T>(shape: Shape<T>): Shape<readonly T[]> {
	return {
		write(values, row) {
			row.push(values.length);
			for (const value of values) shape.write(value, row);
		},
		read(row) {
			const count = whole.read(row);
			if (count < 0) return wrong("a count", count);
			const values: T[] = [];
			for (let i = 0; i < count; i++) values.push(shape.read(row));
			return values;
		},
	};
}

/** A fixed number of values, each of its own shape. */
export function tuple<T extends readonly unknown[]>(
	...shapes: { readonly [I in keyof T]: Shape<T[I]> }
): Shape<T> {
	return {
		write(values, row) {
			for (let i = 0; i < shapes.length; i++) shapes[i]!.write(values[i], row);
		},
		read: (row) => shapes.map((shape) => shape.read(row)) as unknown as T,
	};
}

export type Fields<T> = { readonly [K in keyof T]-?: Shape<T[K]> };

/** Its fields in the order in which they stand here. */
export function object<T extends object>(fields: Fields<T>): Shape<T> {
	const keys = Object.keys(fields);
	const shapes = Object.values(fields) as Shape<unknown>[];
	// To copy an object that has all fields is much faster than to give them to an empty one.
	const always = keys.filter((_, i) => shapes[i]!.isOptional !== true);
	const blank: Record<string, unknown> = Object.fromEntries(always.map((key) => [key, null]));
	return {
		write(value, row) {
			const values = value as Record<string, unknown>;
			for (let i = 0; i < keys.length; i++) shapes[i]!.write(values[keys[i]!], row);
		},
		read(row) {
			const values = { ...blank };
			for (let i = 0; i < keys.length; i++) {
				const value = shapes[i]!.read(row);
				if (value !== undefined) values[keys[i]!] = value;
			}
			return values as T;
		},
	};
}

/** A kind of T: the value of the field that tells it apart, and its other fields. */
type Kind<T, K extends keyof T> = T extends unknown
	? readonly [value: T[K], fields: Fields<Omit<T, K>>]
	: never;

/** One of several kinds of object, told apart by a field whose value each kind has for itself. */
export function variant<T extends object, K extends keyof T>(
	key: K,
	kinds: readonly Kind<T, K>[],
): Shape<T> {
	const indexOf = new Map(kinds.map(([value], index) => [value, index]));
	const shapes = kinds.map(([value, fields]) =>
		object<T>({ [key]: constant(value), ...fields } as unknown as Fields<T>),
	);
	return {
		write(value, row) {
			const index = indexOf.get(value[key])!;
			row.push(index);
			shapes[index]!.write(value, row);
		},
		read(row) {
			const shape = shapes[whole.read(row)];
			return shape === undefined ? wrong("a known kind", shape) : shape.read(row);
		},
	};
}
