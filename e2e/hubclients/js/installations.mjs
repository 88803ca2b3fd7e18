import assert from 'node:assert/strict';
import { device, refused, test } from '../harness.mjs';
import { all, hub, nh } from './client.mjs';

const token = '0123456789ABCDEF';

// One of each platform, as its factory makes it.
const kinds = {
  apns: () => nh.createAppleInstallation({ installationId: 'in-apns', pushChannel: token }),
  adm: () => nh.createAdmInstallation({ installationId: 'in-adm', pushChannel: 'amzn1.adm-registration.v2.123' }),
  baidu: () => nh.createBaiduInstallation({ installationId: 'in-baidu', pushChannel: 'user-channel' }),
  browser: () => nh.createBrowserInstallation({ installationId: 'in-browser', pushChannel: device('in-browser') }),
  gcm: () => nh.createFcmLegacyInstallation({ installationId: 'in-gcm', pushChannel: 'gcm-handle' }),
  fcmv1: () => nh.createFcmV1Installation({ installationId: 'in-fcmv1', pushChannel: 'fcm-handle' }),
  xiaomi: () => nh.createXiaomiInstallation({ installationId: 'in-xiaomi', pushChannel: 'mi-handle' }),
  wns: () => nh.createWindowsInstallation({ installationId: 'in-wns', pushChannel: 'https://db5.notify.windows.com/?token=in' }),
};

for (const [platform, make] of Object.entries(kinds)) {
  test(`an installation of ${platform} is read back as it was written`, async () => {
    const written = { ...make(), userId: 'alice', tags: ['news', 'Sport'], pushVariables: { colour: 'blue' } };
    const done = await hub.createOrUpdateInstallation(written);
    assert.match(done.trackingId, /^[0-9a-f-]{36}$/);
    assert.match(done.correlationId, /^[0-9a-f-]{36}$/);
    const read = await hub.getInstallation(written.installationId);
    assert.equal(read.pushChannelExpired, false);
    assert.match(read.expirationTime, /^9999-12-31T23:59:59\.9999999Z$/);
    for (const [name, value] of Object.entries(written)) assert.deepEqual(read[name], value, name);
  });
}

test('an installation stands among the registrations, once and once more for each template', async () => {
  await hub.createOrUpdateInstallation({
    ...kinds.browser(), installationId: 'in-derived', userId: 'alice', tags: ['news'], pushChannel: device('in-derived'),
    templates: { plain: { body: '{"title":"$(title)"}', headers: {}, tags: ['t1'] } },
  });
  const found = await all(hub.listRegistrationsByTag('$InstallationId:{in-derived}'));
  const [native, template] = found.sort((a, b) => a.kind.localeCompare(b.kind));
  assert.equal(found.length, 2);
  assert.equal(native.kind, 'Browser');
  assert.equal(native.endpoint, device('in-derived').endpoint);
  assert.deepEqual(native.tags, ['$InstallationId:{in-derived}', '$UserId:{alice}', 'news']);
  assert.equal(template.kind, 'BrowserTemplate');
  assert.equal(template.bodyTemplate, '{"title":"$(title)"}');
  assert.equal(template.templateName, 'plain');
  assert.deepEqual([...template.tags].sort(), ['$InstallationId:{in-derived}', '$UserId:{alice}', 'news', 'plain', 't1']);
});

test('writing an installation again takes the place of all of it', async () => {
  await hub.createOrUpdateInstallation({ ...kinds.gcm(), installationId: 'in-again', tags: ['old'], userId: 'alice' });
  await hub.createOrUpdateInstallation({ ...kinds.gcm(), installationId: 'in-again', pushChannel: 'second' });
  const read = await hub.getInstallation('in-again');
  assert.equal(read.pushChannel, 'second');
  assert.equal(read.tags, undefined);
  assert.equal(read.userId, undefined);
  assert.equal((await all(hub.listRegistrationsByTag('$InstallationId:{in-again}'))).length, 1);
});

test('changes to an installation are made in their order', async () => {
  await hub.createOrUpdateInstallation({ ...kinds.fcmv1(), installationId: 'in-patch', tags: ['a', 'b'] });
  const done = await hub.updateInstallation('in-patch', [
    { op: 'add', path: '/tags', value: 'c' },
    { op: 'remove', path: '/tags/a' },
    { op: 'replace', path: '/pushChannel', value: 'second' },
    { op: 'add', path: '/userId', value: 'bob' },
    { op: 'add', path: '/templates/greeting', value: '{"body":"{\\"message\\":{\\"data\\":{\\"t\\":\\"$(t)\\"}}}"}' },
    { op: 'add', path: '/templates/greeting/tags', value: 'polite' },
  ]);
  assert.ok(done.trackingId);
  const read = await hub.getInstallation('in-patch');
  assert.deepEqual(read.tags, ['b', 'c']);
  assert.equal(read.pushChannel, 'second');
  assert.equal(read.userId, 'bob');
  assert.equal(read.templates.greeting.body, '{"message":{"data":{"t":"$(t)"}}}');
  assert.deepEqual([...read.templates.greeting.tags].sort(), ['greeting', 'polite']);
  const [one] = (await all(hub.listRegistrationsByTag('$UserId:{bob}'))).filter((r) => r.kind === 'FcmV1');
  assert.equal(one.fcmV1RegistrationId, 'second');
  assert.equal(one.etag, '2');
});

test('a change with one operation that cannot be done is 400 and changes nothing', async () => {
  await hub.createOrUpdateInstallation({ ...kinds.apns(), installationId: 'in-none', tags: ['a'] });
  const before = await hub.getInstallation('in-none');
  for (const impossible of [
    { op: 'add', path: '/nothing', value: 'x' },
    { op: 'move', path: '/tags', value: 'x' },
    { op: 'add', path: '/tags', value: 'a b' },
    { op: 'replace', path: '/templates/t', value: '{"body":"{\\"a\\":\\"$(\\"}"}' },
  ]) {
    await refused(() => hub.updateInstallation('in-none', [{ op: 'add', path: '/tags', value: 'b' }, impossible]), 400, /^operations failed with: /);
  }
  assert.deepEqual(await hub.getInstallation('in-none'), before);
});

test('the channel of a browser can be changed to an object written as text', async () => {
  await hub.createOrUpdateInstallation({ ...kinds.browser(), installationId: 'in-channel' });
  await hub.updateInstallation('in-channel', [{ op: 'replace', path: '/pushChannel', value: JSON.stringify(device('in-other')) }]);
  const read = await hub.getInstallation('in-channel');
  const channel = typeof read.pushChannel === 'string' ? JSON.parse(read.pushChannel) : read.pushChannel;
  assert.deepEqual(channel, device('in-other'));
});

test('a deleted installation is gone with its registrations, and can be deleted again', async () => {
  await hub.createOrUpdateInstallation({ ...kinds.adm(), installationId: 'in-gone' });
  const done = await hub.deleteInstallation('in-gone');
  assert.ok(done.trackingId);
  await refused(() => hub.getInstallation('in-gone'), 404, /^operations failed with: Installation not found\.TrackingId:[0-9a-f-]{36}/);
  assert.deepEqual(await all(hub.listRegistrationsByTag('$InstallationId:{in-gone}')), []);
  await hub.deleteInstallation('in-gone');
});

test('an installation that is not there cannot be changed', async () => {
  await refused(() => hub.updateInstallation('in-never', [{ op: 'add', path: '/tags', value: 'b' }]), 404, /Installation not found/);
});

for (const [what, wrong] of Object.entries({
  'a tag with a blank': { tags: ['a b'] },
  'a tag of the hub\'s own': { tags: ['$UserId:{bob}'] },
  '61 tags': { tags: Array.from({ length: 61 }, (_, i) => `t${i}`) },
  'a tag of 121 characters': { tags: ['x'.repeat(121)] },
  'no handle': { pushChannel: '' },
  'a platform that there is not': { platform: 'pigeon' },
  'a template that does not parse': { templates: { t: { body: '{"a":"$("}', headers: {} } } },
  'an ID that none can have': { installationId: 'in wrong?' },
})) {
  test(`an installation with ${what} is 400 and not stored`, async () => {
    await refused(() => hub.createOrUpdateInstallation({ ...kinds.gcm(), installationId: 'in-wrong', ...wrong }), 400, /^operations failed with: /);
    await refused(() => hub.getInstallation('in-wrong'), 404);
  });
}

test('an installation of a browser without its keys is 400', async () => {
  const { endpoint } = device('in-keys');
  await refused(() => hub.createOrUpdateInstallation({ ...kinds.browser(), installationId: 'in-keys', pushChannel: { endpoint } }), 400);
});

test('an installation of more than a megabyte is 413', async () => {
  await refused(() => hub.createOrUpdateInstallation({ ...kinds.gcm(), installationId: 'in-large', pushChannel: 'x'.repeat(1 << 20) }), 413);
});
