// The configuration of a project: what `init` writes, and what the pages of the recipes show.
import { OBJECTS } from '../objects.js';
import { jsonc } from './jsonc.js';

/** The date of the platform's behaviour that the Worker is tested with. */
export const COMPATIBILITY_DATE = '2026-10-01';

/** The issuer of a recipe, as an item of `issuers`. */
export const issuerOf = (recipe, answers, found) => recipe.issuer(answers, found);

/** The routes of a recipe: everything below `/api/`, and what the recipe says of it. */
export function routesOf(recipe, answers) {
  const more = Object.entries(recipe.route ?? {}).map(([name, value]) => [name, typeof value === 'function' ? value(answers) : value]);
  return [{ path: '/api/**', methods: ['*'], access: 'authenticated', ...Object.fromEntries(more) }];
}

/** The text of `wrangler.jsonc`. */
export function wranglerFile({ name, origin, recipe, answers, found, isGate }) {
  const objects = isGate ? [] : OBJECTS;
  const [, binding] = /^service:(\w+)$/.exec(origin) ?? [];
  const file = {
    $schema: 'node_modules/wrangler/config-schema.json',
    name,
    main: 'src/index.js',
    compatibility_date: COMPATIBILITY_DATE,
    observability: { enabled: true },
    assets: { directory: 'node_modules/edgeward/www', binding: 'EDGEWARD_WWW', run_worker_first: true, html_handling: 'none' },
    kv_namespaces: [{ binding: 'EDGEWARD_KV' }],
    ...(objects.length > 0 && {
      durable_objects: { bindings: objects.map(({ binding, className }) => ({ name: binding, class_name: className })) },
      migrations: objects.map(({ tag, className }) => ({ tag, new_sqlite_classes: [className] })),
    }),
    ...(binding && { services: [{ binding, service: binding.toLowerCase().replaceAll('_', '-') }] }),
    vars: {
      EDGEWARD: {
        realm: 'api',
        origins: [{ name: 'main', url: origin }],
        issuers: [issuerOf(recipe, answers, found)],
        routes: routesOf(recipe, answers),
      },
    },
  };
  return `${jsonc(file, comments(recipe, objects))}\n`;
}

function comments(recipe, objects) {
  const table = 'vars.EDGEWARD';
  const issuer = Object.entries(recipe.comments ?? {}).map(([name, text]) => [`${table}.issuers[0].${name}`, text]);
  const bindings = objects.map(({ about }, index) => [`durable_objects.bindings[${index}]`, about]);
  return {
    assets: 'The playground, at /.edgeward/playground/. Every request goes to the gateway first.',
    kv_namespaces: 'The last good keys of each issuer. `edgeward deploy` creates the namespace.',
    migrations: 'They create the objects. A migration that was deployed is never changed.',
    services: 'The API, a Worker of your account: put its name here.',
    vars: '`npx edgeward check` lists what is wrong in this table, with the line.',
    [`${table}.realm`]: 'Named in `WWW-Authenticate`, where a token is asked for.',
    [`${table}.origins`]: 'Where requests go. A Worker is "service:BINDING".',
    [`${table}.issuers`]: 'Whose tokens are accepted.',
    [`${table}.routes`]: 'Which requests pass, and for whom: "authenticated", "optional" or "public". What matches no route is a 404.',
    ...Object.fromEntries([...bindings, ...issuer]),
  };
}

/** The lines that a page shows: the issuer, and the routes where the recipe says something of them. */
export function lines(recipe, answers) {
  const issuer = jsonc([issuerOf(recipe, answers)], Object.fromEntries(Object.entries(recipe.comments ?? {}).map(([name, text]) => [`[0].${name}`, text])));
  const routes = recipe.route ? `,\n"routes": ${jsonc(routesOf(recipe, answers))}` : '';
  return `"issuers": ${issuer}${routes}`;
}
