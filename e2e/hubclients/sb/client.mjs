// The client under test. Its functions take callbacks; what has been used is noted.
import { createRequire } from 'node:module';
import { settings } from '../harness.mjs';

const azure = createRequire(import.meta.url)('azure-sb');

// platforms are the services within the hub's; the hub's own functions stand under "hub".
const platforms = ['wns', 'apns', 'gcm', 'mpns'];

export const called = new Set();

// connect makes a client: an object for each platform and "hub", whose functions return the result and the response.
export function connect(connection, hubName = settings.hub) {
  const hub = azure.createNotificationHubService(hubName, connection);
  const parts = { hub };
  for (const name of platforms) parts[name] = hub[name];
  const client = {};
  for (const [part, service] of Object.entries(parts)) {
    client[part] = new Proxy(service, {
      get: (target, name) => (...args) => {
        called.add(`${part}.${name}`);
        if (makes(part, name)) return target[name](...args);
        return new Promise((resolve, reject) => {
          target[name](...args, (err, ...rest) => {
            if (err) reject(err);
            else resolve({ result: rest.length > 1 ? rest[0] : undefined, response: rest.at(-1) });
          });
        });
      },
    });
  }
  return client;
}

// makes says whether a function only makes a text.
const makes = (part, name) => (part === 'wns' || part === 'mpns') && /^create(Tile|Toast|FlipTile|Raw)/.test(name) && !name.endsWith('Registration');

export const c = connect(settings.connections.full);

// functions are all that the package documents of the hub and its platforms.
export function functions() {
  const hub = azure.createNotificationHubService('x', settings.connections.full);
  const names = Object.keys(Object.getPrototypeOf(hub)).filter((n) => typeof hub[n] === 'function').map((n) => `hub.${n}`);
  for (const part of platforms) {
    for (const n in hub[part]) if (typeof hub[part][n] === 'function') names.push(`${part}.${n}`); // with those that it inherits
  }
  return names.filter((n) => !n.includes('._'));
}

// wnsTemplates are the names of the templates of Windows. Example: "ToastText01"
export const wnsTemplates = functions().map((n) => /^wns\.create(\w+)Registration$/.exec(n)?.[1])
  .filter((n) => n && !/^(OrUpdate|Native|RawTemplate)/.test(n));
