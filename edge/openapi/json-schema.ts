import { toJsonSchema } from "@valibot/to-json-schema";
import type { GenericSchema } from "valibot";

/** JSON Schema as OpenAPI 3.1 has it, and as much of it as is touched here. */
export interface JsonSchema {
	readonly type?: string;
	readonly description?: string;
	readonly default?: unknown;
	readonly examples?: readonly unknown[];
	readonly properties?: Readonly<Record<string, JsonSchema>>;
	readonly required?: readonly string[];
	readonly [keyword: string]: unknown;
}

/** What a call takes: texts on the wire, shown as what they stand for. */
export function inputSchema(schema: GenericSchema): JsonSchema {
	return converted(schema, "input");
}

/** What a call answers. */
export function outputSchema(schema: GenericSchema): JsonSchema {
	return converted(schema, "output");
}

/**
 * One parameter as what it stands for: a number's default is a number, and it needs no pattern. A list is
 * its JSON text, since as an array here it would be sent as the same name again and again.
 */
export function parameterSchema(property: JsonSchema): JsonSchema {
	const { pattern, description: _description, default: otherwise, ...rest } = property;
	const { anyOf, ...single } = rest;
	const schema: JsonSchema = anyOf === undefined ? rest : { ...single, type: "string" };
	if (schema.type === "integer") {
		return otherwise === undefined ? schema : { ...schema, default: Number(otherwise) };
	}
	if (schema.type === "boolean") return { ...schema, default: otherwise === "true" };
	return {
		...schema,
		...(pattern !== undefined && { pattern }),
		...(otherwise !== undefined && { default: otherwise }),
	};
}

function converted(schema: GenericSchema, typeMode: "input" | "output"): JsonSchema {
	// Checks and transformations have no counterpart there.
	const json = toJsonSchema(schema, {
		typeMode,
		errorMode: "ignore",
		target: "draft-2020-12",
	}) as object as JsonSchema;
	const { $schema: _dialect, ...rest } = json;
	return rest;
}
