// JSON with comments and trailing commas, as wrangler reads it.

/** What may stand before the brace of an object. */
const BEFORE = /^(?:\s|\/\/[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*\{/;

/** Whether a text is JSON, with comments or without; otherwise it is TOML. */
export const looksLikeJson = (text) => BEFORE.test(text);

/** A text in quotes, a comment, a comma with nothing but space and comments up to a closing bracket. */
const PART = /"(?:[^"\\]|\\[\s\S])*"?|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|,(?=(?:\s|\/\/[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*[}\]])/g;

/** The same text as JSON: comments and trailing commas become spaces, so that everything stays where it was. */
export function toJson(text) {
  return text.replace(PART, (part) => (part.startsWith('"') ? part : part.replace(/[^\r\n]/g, ' ')));
}
