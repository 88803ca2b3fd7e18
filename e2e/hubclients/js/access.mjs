import assert from 'node:assert/strict';
import { refused, settings, test } from '../harness.mjs';
import { all, calledFunctions, calledMethods, connect, functions, hub, methods, nh } from './client.mjs';

const notification = nh.createBrowserNotification({ body: { id: '7' } });
const soon = () => new Date(Date.now() + 3600_000);
const gcm = () => nh.createFcmLegacyRegistrationDescription({ gcmRegistrationId: 'ac-gcm' });
const job = { type: 'ExportRegistrations', outputContainerUrl: 'https://192.0.2.1/container' };

// Every method, with the right that it takes.
const calls = {
  createOrUpdateInstallation: ['listen', (c) => c.createOrUpdateInstallation(nh.createFcmLegacyInstallation({ installationId: 'ac-in', pushChannel: 'ac' }))],
  getInstallation: ['listen', (c) => c.getInstallation('ac-in')],
  updateInstallation: ['listen', (c) => c.updateInstallation('ac-in', [{ op: 'add', path: '/tags', value: 'a' }])],
  deleteInstallation: ['listen', (c) => c.deleteInstallation('ac-in')],
  createRegistrationId: ['listen', (c) => c.createRegistrationId()],
  createRegistration: ['listen', (c) => c.createRegistration(gcm())],
  createOrUpdateRegistration: ['listen', (c) => c.createOrUpdateRegistration({ ...gcm(), registrationId: '1-2-3' })],
  updateRegistration: ['listen', (c) => c.updateRegistration({ ...gcm(), registrationId: '1-2-3', etag: '1' })],
  getRegistration: ['listen', (c) => c.getRegistration('1-2-3')],
  deleteRegistration: ['listen', (c) => c.deleteRegistration('1-2-3')],
  listRegistrationsByChannel: ['listen', (c) => all(c.listRegistrationsByChannel({ kind: 'gcm', gcmRegistrationId: 'ac-gcm' }))],
  listRegistrations: ['manage', (c) => all(c.listRegistrations())],
  listRegistrationsByTag: ['manage', (c) => all(c.listRegistrationsByTag('ac'))],
  sendNotification: ['send', (c) => c.sendNotification(notification, { tagExpression: 'ac' })],
  sendBroadcastNotification: ['send', (c) => c.sendBroadcastNotification(nh.createXiaomiNotification({ body: '{}' }))],
  scheduleNotification: ['send', (c) => c.scheduleNotification(soon(), notification, { tagExpression: 'ac' })],
  scheduleBroadcastNotification: ['send', (c) => c.scheduleBroadcastNotification(soon(), notification)],
  cancelScheduledNotification: ['send', (c) => c.cancelScheduledNotification('1-2-3')],
  getNotificationOutcomeDetails: ['send', (c) => c.getNotificationOutcomeDetails('1-2-3')],
  getFeedbackContainerUrl: ['manage', (c) => c.getFeedbackContainerUrl()],
  submitNotificationHubJob: ['manage', (c) => c.submitNotificationHubJob(job)],
  beginSubmitNotificationHubJob: ['manage', (c) => c.beginSubmitNotificationHubJob(job)],
  getNotificationHubJob: ['manage', (c) => c.getNotificationHubJob('1-2-3')],
  listNotificationHubJobs: ['manage', (c) => c.listNotificationHubJobs()],
};

const wrong = /^operations failed with: InvalidSignature: The token has an invalid signature\.\.TrackingId:[0-9a-f-]{36}_\w+,TimeStamp:\d+\/\d+\/\d{4} \d+:\d\d:\d\d [AP]M$/;
const withKey = (key) => settings.connections.full.replace(/SharedAccessKey=.*/, `SharedAccessKey=${key}`);
const stranger = connect(withKey(Buffer.alloc(32, 7).toString('base64')));

for (const [method, [, call]] of Object.entries(calls)) {
  test(`${method} with another key is 401`, () => refused(() => call(stranger), 401, wrong));
}

// What a missing right is answered with: 403 without a body, and 401 with a text for what takes Manage.
const denied = {
  listen: [403, 'operation failed with status 403'],
  send: [403, 'operation failed with status 403'],
  manage: [401, /^operations failed with: Manage claim is required for this operation\.\.TrackingId:/],
};

for (const right of ['listen', 'send']) {
  const limited = connect(settings.connections[right]);
  for (const [method, [needed, call]] of Object.entries(calls)) {
    if (needed === right) {
      test(`${method} needs no more than the right ${right}`, async () => {
        const err = await call(limited).then(() => undefined, (reason) => reason);
        assert([undefined, 404].includes(err?.statusCode), err?.message); // what is asked for may not be there
      });
    } else {
      test(`${method} is refused to the right ${right}`, () => refused(() => call(limited), ...denied[needed]));
    }
  }
}

test('the secondary key opens what the primary one opens', async () => {
  await connect(settings.connections.secondary).listRegistrations({ top: 1 }).next();
});

test('a rule that there is not is 401 as a wrong key is', async () => {
  const connection = settings.connections.full.replace(/SharedAccessKeyName=[^;]*/, 'SharedAccessKeyName=nobody');
  await refused(() => calls.getInstallation[1](connect(connection)), 401, wrong);
});

test('a hub that there is not cannot be told from a wrong key', async () => {
  const err = await refused(() => connect(settings.connections.full, 'another').getInstallation('ac-in'), 401, /InvalidSignature/);
  assert.equal(err.name, 'RestError');
});

test('the name of a rule and of the hub can be written in any case', async () => {
  const connection = settings.connections.full.replace(/SharedAccessKeyName=[^;]*/, (name) => `SharedAccessKeyName=${name.split('=')[1].toUpperCase()}`);
  await connect(connection, settings.hub.toUpperCase()).listRegistrations({ top: 1 }).next();
});

test('a token that has expired is 401', async () => {
  const now = Date.now;
  Date.now = () => now() - 2 * 3600_000; // it is good for one hour
  try {
    await refused(() => hub.getInstallation('ac-in'), 401, /^operations failed with: ExpiredToken: /);
  } finally {
    Date.now = now;
  }
});

test('every method and every function of the package was called', () => {
  assert.deepEqual(Object.keys(calls).sort(), [...methods].sort());
  assert.deepEqual(methods.filter((name) => !calledMethods.has(name)), []);
  assert.deepEqual(functions.filter((name) => !calledFunctions.has(name)), []);
});
