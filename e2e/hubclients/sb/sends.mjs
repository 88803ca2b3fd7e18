import assert from 'node:assert/strict';
import { arrived, device, refused, taken, test } from '../harness.mjs';
import { c } from './client.mjs';

// accepted checks the answer to a send.
function accepted({ response }) {
  assert.equal(response.statusCode, 201);
  assert.match(response.headers.location, /\/securepush\/messages\/[0-9a-f]{32}-\d{14}-\d+-\d+\?api-version=2016-07$/);
}

const tags = ['sb:nobody', 'sb:other'];

for (const [what, send] of Object.entries({
  'raw notification of Windows': () => c.wns.sendRaw(tags, '7', {}),
  'badge of Windows': () => c.wns.sendBadge(tags, 'alert', {}),
  'toast of Windows': () => c.wns.send('username:bob', '<toast/>', 'wns/toast', { headers: { 'X-WNS-TTL': 60 } }),
  'notification of Apple': () => c.apns.send(tags, { alert: 'hi', payload: { id: '7' }, expiry: '2030-01-01T00:00:00Z', priority: 5 }, {}),
  'notification of Google': () => c.gcm.send(tags, { data: { id: '7' } }),
  'notification of Windows Phone': () => c.mpns.send(tags, '<root/>', 'toast', '2', {}),
  'broadcast of a template': () => c.hub.send(null, { nothing: 'x' }, {}),
})) {
  test(`a ${what} is taken`, async () => accepted(await send()));
}

test('a template notification reaches a browser as its template has it', async () => {
  await c.hub.createOrUpdateInstallation({
    installationId: 'sb-template', platform: 'browser', pushChannel: device('sb-template'), tags: ['sb:template'],
    templates: { plain: { body: '{"id":"$(id)"}' } },
  });
  accepted(await c.hub.send(['sb:template', 'sb:nobody'], { id: '7' }, {}));
  assert.deepEqual((await arrived('sb-template')).map((m) => m.text), ['{"id":"7"}']);
  accepted(await c.hub.send('sb:template && !sb:template', '{"id":"8"}', {}));
  accepted(await c.hub.send('sb:template && plain', '{"id":"9"}', {}));
  assert.deepEqual((await arrived('sb-template', 2)).map((m) => m.text), ['{"id":"7"}', '{"id":"9"}']);
});

test('a browser gets what is sent with headers of the caller\'s own', async () => {
  await c.hub.createOrUpdateInstallation({ installationId: 'sb-browser', platform: 'browser', pushChannel: device('sb-browser'), tags: ['sb:browser'] });
  accepted(await c.hub.send('sb:browser', { id: '7' }, { headers: { 'ServiceBusNotification-Format': 'browser' } }));
  assert.deepEqual((await arrived('sb-browser')).map((m) => m.text), ['{"id":"7"}']);
});

test('what is not a notification is refused', async () => {
  await refused(() => c.wns.sendRaw('a &&', '7', {}), 400, /^400 - A tag is expected/);
  await refused(() => c.wns.sendRaw('a', 'x'.repeat((5 << 10) + 1), {}), 413, /^413 - /);
  await refused(() => c.gcm.send('a', 'x'.repeat((64 << 10) + 1)), 413);
  await refused(() => c.hub.send('a', { a: { b: 1 } }, {}), 400);
  await refused(() => c.hub.send('a', '{}', { headers: { 'ServiceBusNotification-Format': 'pigeon' } }), 400);
  assert.deepEqual(await taken('sb-nobody'), []);
});
