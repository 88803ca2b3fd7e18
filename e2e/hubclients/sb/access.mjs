import assert from 'node:assert/strict';
import { refused, settings, test } from '../harness.mjs';
import { called, connect, functions } from './client.mjs';

// One function of each operation, with the right that it takes.
const calls = {
  createRegistrationId: ['listen', (c) => c.hub.createRegistrationId()],
  createNativeRegistration: ['listen', (c) => c.gcm.createNativeRegistration('ac', 'a')],
  createOrUpdateNativeRegistration: ['listen', (c) => c.gcm.createOrUpdateNativeRegistration('1-2-3', 'ac', 'a')],
  updateTemplateRegistration: ['listen', (c) => c.gcm.updateTemplateRegistration('1-2-4', 'ac', 'a', '{}')],
  getRegistration: ['listen', (c) => c.hub.getRegistration('1-2-3')],
  deleteRegistration: ['listen', (c) => c.hub.deleteRegistration('1-2-3')],
  listRegistrationsByGcmRegistrationId: ['listen', (c) => c.gcm.listRegistrationsByGcmRegistrationId('ac')],
  createOrUpdateInstallation: ['listen', (c) => c.hub.createOrUpdateInstallation({ installationId: 'ac-in', platform: 'gcm', pushChannel: 'ac' })],
  getInstallation: ['listen', (c) => c.hub.getInstallation('ac-in')],
  patchInstallation: ['listen', (c) => c.hub.patchInstallation('ac-in', [{ op: 'add', path: '/tags', value: 'a' }])],
  deleteInstallation: ['listen', (c) => c.hub.deleteInstallation('ac-in')],
  listRegistrations: ['manage', (c) => c.hub.listRegistrations()],
  listRegistrationsByTag: ['manage', (c) => c.hub.listRegistrationsByTag('username:bob')],
  sendRaw: ['send', (c) => c.wns.sendRaw('ac', '7', {})],
  'send of a template': ['send', (c) => c.hub.send('ac', {}, {})],
};

const withKey = (key) => settings.connections.full.replace(/SharedAccessKey=.*/, `SharedAccessKey=${key}`);
const stranger = connect(withKey(Buffer.alloc(32, 7).toString('base64')));
const wrong = /^401 - InvalidSignature: The token has an invalid signature\.\.TrackingId:/;

for (const [what, [, call]] of Object.entries(calls)) {
  test(`${what} with another key is 401`, () => refused(() => call(stranger), 401, wrong));
}

// What a missing right is answered with. Of an answer without a body the package knows no more than its status.
const denied = { listen: [403], send: [403], manage: [401, /^401 - Manage claim is required for this operation\.\.TrackingId:/] };

for (const right of ['listen', 'send']) {
  const limited = connect(settings.connections[right]);
  for (const [what, [needed, call]] of Object.entries(calls)) {
    if (needed === right) {
      test(`${what} needs no more than the right ${right}`, async () => {
        const err = await call(limited).then(() => undefined, (reason) => reason);
        assert([undefined, 404].includes(err?.statusCode), err?.message); // what is asked for may not be there
      });
    } else {
      test(`${what} is refused to the right ${right}`, () => refused(() => call(limited), ...denied[needed]));
    }
  }
}

test('the secondary key opens what the primary one opens', async () => {
  await connect(settings.connections.secondary).hub.listRegistrations({ top: 1 });
});

test('every function of the package was called', () => {
  assert.deepEqual(functions().filter((name) => !called.has(name)), []);
});
