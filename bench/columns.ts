/** The columns of a table of results: what stands above, and the cell of a result. */
export type Columns<R> = readonly (readonly [heading: string, cell: (result: R) => string])[];

/** A table in Markdown, a line for each result. */
export function tableOf<R>(columns: Columns<R>, results: readonly R[]): string {
	const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
	const heading = line(columns.map(([name]) => name)) + line(columns.map(() => "---"));
	return heading + results.map((result) => line(columns.map(([, cell]) => cell(result)))).join("");
}

/** A result in one line, for whoever watches. */
export function sentenceOf<R>(columns: Columns<R>, result: R): string {
	return columns.map(([name, cell]) => `${name}: ${cell(result)}`).join("; ");
}
