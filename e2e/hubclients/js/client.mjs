// The client under test: all cases use it through what is exported here, which notes what has been used.
import * as sdk from '@azure/notification-hubs';
import { settings, watched } from '../harness.mjs';

// calledMethods and calledFunctions are what of the package the cases have called so far.
export const calledMethods = new Set();
export const calledFunctions = new Set();

export const nh = watched({ ...sdk }, calledFunctions);

// connect makes a client. The package would repeat requests that are answered with 429 or 5xx, which hides them.
export function connect(connection, hub = settings.hub) {
  return new sdk.NotificationHubsClient(connection, hub, { retryOptions: { maxRetries: 0 } });
}

export const hub = watched(connect(settings.connections.full), calledMethods);

export const methods = Object.getOwnPropertyNames(sdk.NotificationHubsClient.prototype).filter((name) => name !== 'constructor');
export const functions = Object.keys(sdk).filter((name) => name.startsWith('create'));

// all gathers what a list gives.
export async function all(list) {
  const items = [];
  for await (const item of list) items.push(item);
  return items;
}
