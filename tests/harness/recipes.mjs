// What a provider publishes and issues, in its recorded shape and signed with keys of these tests (tests/recipes).
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { SignJWT, importJWK } from 'jose';

import { recipes } from '../../pkg/cli/recipes/index.js';

const read = (name) => JSON.parse(readFileSync(new URL(`../recipes/${name}.json`, import.meta.url), 'utf8'));
const KEYS = read('keys');
const TIMES = ['iat', 'nbf', 'exp', 'auth_time'];

export const NAMES = Object.keys(recipes);

const publicPart = (jwk) => createPublicKey({ key: jwk, format: 'jwk' }).export({ format: 'jwk' });

/** The answers to a recipe's questions that its page gives. */
export function answersOf({ fields }) {
  const example = ({ kind, many, example: text }) => (kind === 'public key' ? publicPart(KEYS.RS256) : many ? text.split(',') : text);
  return Object.fromEntries(fields.map((field) => [field.name, example(field)]));
}

/** { recipe, answers, shape, jwks, secrets, token(now), mistaken(now) }; the last two are what to send, and what not to. */
export function provider(name) {
  const recipe = recipes[name];
  const shape = read(name);
  const kid = `${name}-2026`;
  const algorithm = shape.header.alg;
  const keys = (shape.keys ?? []).map((members) => ({ ...publicPart(KEYS[algorithm]), ...members, kid }));
  const others = (shape.more_keys ?? []).map((members) => ({ ...publicPart(KEYS.RS256), ...members }));
  const secret = shape.secret && recipe.secrets[shape.secret];
  const sign = async (now, { claims = {}, header = {}, secret: other } = {}) => {
    const text = other ?? secret;
    const all = present({ ...shape.claims, ...claims });
    const body = Object.fromEntries(Object.entries(all).map(([claim, value]) => [claim, TIMES.includes(claim) ? now + value : value]));
    const key = text === undefined ? await importJWK(KEYS[algorithm], algorithm) : Buffer.from(text);
    return new SignJWT(body).setProtectedHeader(present({ ...(text === undefined && { kid }), ...shape.header, ...header })).sign(key);
  };
  return {
    recipe, shape, answers: answersOf(recipe), jwks: { keys: [...others, ...keys] }, secrets: recipe.secrets ?? {},
    token: (now) => sign(now),
    mistaken: async (now) => shape.mistake.token ?? sign(now, shape.mistake),
    headers: (token) => (shape.send ? [[shape.send, token]] : [['authorization', `Bearer ${token}`]]),
  };
}

const present = (members) => Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null));
