import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** One small fault: the text that stands at `from` to `to` of a file, and what is planted there. */
export interface Mutant {
	readonly file: string;
	readonly from: number;
	readonly to: number;
	readonly text: string;
	readonly line: number;
	readonly says: string;
}

const SWAPS: Readonly<Record<string, string>> = {
	"<": "<=",
	"<=": "<",
	">": ">=",
	">=": ">",
	"===": "!==",
	"!==": "===",
	"+": "-",
	"-": "+",
	"*": "+",
	"&&": "||",
	"||": "&&",
	"+=": "-=",
	"-=": "+=",
};

/**
 * Every fault that can be planted in a file: an operator swapped, a condition that is always or never
 * met, a call that is not made, a number one too large. What the code only says is left alone.
 */
export function mutantsOf(root: string, file: string): Mutant[] {
	const text = readFileSync(join(root, file), "utf8");
	const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
	const mutants: Mutant[] = [];
	const add = (node: ts.Node, replacement: string, says: string) => {
		const from = node.getStart(source);
		const line = source.getLineAndCharacterOfPosition(from).line + 1;
		mutants.push({ file, from, to: node.end, text: replacement, line, says });
	};
	const condition = (node: ts.Expression, form: string) => {
		const asked = oneLine(node.getText(source));
		for (const answer of ["false", "true"]) {
			add(node, answer, `${form} (${asked}) → ${form} (${answer})`);
		}
	};
	const visit = (node: ts.Node): void => {
		if (isOnlySaid(node, source)) return;
		if (ts.isBinaryExpression(node)) {
			const operator = node.operatorToken.getText(source);
			const swapped = SWAPS[operator];
			const where = oneLine(node.getText(source));
			if (swapped !== undefined) {
				add(node.operatorToken, swapped, `${operator} → ${swapped} in ${where}`);
			}
		}
		if (ts.isIfStatement(node)) condition(node.expression, "if");
		if (ts.isConditionalExpression(node)) condition(node.condition, "?:");
		if (ts.isExpressionStatement(node) && ts.isCallExpression(node.expression)) {
			if (!isOnlySaid(node.expression, source)) {
				add(node, ";", `removed: ${oneLine(node.getText(source))}`);
			}
		}
		if (ts.isNumericLiteral(node) && !isSetting(node)) {
			const where = oneLine(node.parent.getText(source));
			add(node, `${Number(node.text) + 1}`, `${node.text} → ${Number(node.text) + 1} in ${where}`);
		}
		ts.forEachChild(node, visit);
	};
	ts.forEachChild(source, visit);
	return mutants;
}

function oneLine(text: string): string {
	const line = text.replaceAll(/\s+/g, " ");
	return line.length > 70 ? `${line.slice(0, 69)}…` : line;
}

/** Invariants in either form, error texts, log lines, types and imports: nothing of what the code does. */
function isOnlySaid(node: ts.Node, source: ts.SourceFile): boolean {
	if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node)) return true;
	if (ts.isTypeAliasDeclaration(node) || ts.isImportDeclaration(node)) return true;
	if (ts.isThrowStatement(node)) return true;
	if (ts.isIfStatement(node) && node.elseStatement === undefined) {
		return /^\{?\s*throw new InvariantViolation\b/.test(node.thenStatement.getText(source));
	}
	if (!ts.isCallExpression(node)) return false;
	const called = node.expression.getText(source);
	return (
		called === "invariant" ||
		called.startsWith("logger.") ||
		called.startsWith("this.options.logger")
	);
}

/** Named numbers of a file are settings: their size is a choice, not a rule. */
function isSetting(node: ts.Node): boolean {
	const parent = node.parent;
	return (
		ts.isVariableDeclaration(parent) &&
		parent.parent.parent.parent.kind === ts.SyntaxKind.SourceFile
	);
}
