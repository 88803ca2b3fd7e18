import assert from 'node:assert/strict';
import { device, refused, taken, test, until } from '../harness.mjs';
import { all, hub, nh } from './client.mjs';

const never = /^9999-12-31/;
const channelUri = 'https://db5.notify.windows.com/?token=x&y=<1>';
const browser = device('re-browser');
const json = { bodyTemplate: '{"title":"$(title)"}', templateName: 'plain' };

// One of each kind, as its factory makes it. The package has no factory for Windows Phone, but takes the kind.
const kinds = {
  Adm: () => nh.createAdmRegistrationDescription({ admRegistrationId: 'adm-handle' }),
  AdmTemplate: () => nh.createAdmTemplateRegistrationDescription({ admRegistrationId: 'adm-handle', ...json }),
  Apple: () => nh.createAppleRegistrationDescription({ deviceToken: 'ABCDEF12' }),
  AppleTemplate: () => nh.createAppleTemplateRegistrationDescription({
    deviceToken: 'ABCDEF12', bodyTemplate: '{"aps":{"alert":"$(title)"}}', templateName: 'plain', apnsHeaders: { 'apns-priority': '5' },
  }),
  Baidu: () => nh.createBaiduRegistrationDescription({ baiduUserId: 'baidu-user', baiduChannelId: 'baidu-channel' }),
  BaiduTemplate: () => nh.createBaiduTemplateRegistrationDescription({ baiduUserId: 'baidu-user', baiduChannelId: 'baidu-channel', ...json }),
  Browser: () => nh.createBrowserRegistrationDescription(browser),
  BrowserTemplate: () => nh.createBrowserTemplateRegistrationDescription({ ...browser, ...json }),
  Gcm: () => nh.createFcmLegacyRegistrationDescription({ gcmRegistrationId: 'gcm-handle' }),
  GcmTemplate: () => nh.createFcmLegacyTemplateRegistrationDescription({ gcmRegistrationId: 'gcm-handle', ...json }),
  FcmV1: () => nh.createFcmV1RegistrationDescription({ fcmV1RegistrationId: 'fcm-handle' }),
  FcmV1Template: () => nh.createFcmV1TemplateRegistrationDescription({ fcmV1RegistrationId: 'fcm-handle', ...json }),
  Mpns: () => ({ kind: 'Mpns', channelUri: 'https://s.notify.live.net/x' }),
  MpnsTemplate: () => ({
    kind: 'MpnsTemplate', channelUri: 'https://s.notify.live.net/x', bodyTemplate: '<root>$(title)</root>', mpnsHeaders: { 'X-NotificationClass': '1' },
  }),
  Windows: () => nh.createWindowsRegistrationDescription({ channelUri }),
  WindowsTemplate: () => nh.createWindowsTemplateRegistrationDescription({
    channelUri, bodyTemplate: '<toast><visual lang="$(lang)"/></toast>', templateName: 'plain', wnsHeaders: { 'X-WNS-Type': 'wns/toast' },
  }),
  Xiaomi: () => nh.createXiaomiRegistrationDescription({ xiaomiRegistrationId: 'mi-handle' }),
  XiaomiTemplate: () => nh.createXiaomiTemplateRegistrationDescription({ xiaomiRegistrationId: 'mi-handle', ...json }),
};

for (const [kind, make] of Object.entries(kinds)) {
  test(`a registration of the kind ${kind} is read back as it was written`, async () => {
    const written = { ...make(), tags: ['re-kind', `kind:${kind}`], pushVariables: { colour: 'blue & <green>' } };
    const created = await hub.createRegistration({ ...written });
    assert.match(created.registrationId, /^\d+-\d+-\d+$/);
    assert.equal(created.etag, '1');
    const read = await hub.getRegistration(created.registrationId);
    for (const [name, value] of Object.entries(written)) {
      // What the package leaves away when it reads or writes one.
      if (name === 'kind' || value === undefined) continue;
      assert.deepEqual(created[name], value, `${name} of the answer`);
      assert.deepEqual(read[name], value, name);
    }
    assert.equal(read.kind, kind);
    assert.match(String(read.expirationTime.toISOString()), never);
    const [listed] = await all(hub.listRegistrationsByTag(`kind:${kind}`));
    assert.deepEqual({ ...listed, expirationTime: 0 }, { ...read, expirationTime: 0 });
  });
}

test('an ID asked for beforehand is used, and each write counts the ETag up', async () => {
  const registrationId = await hub.createRegistrationId();
  assert.match(registrationId, /^\d+-\d+-\d+$/);
  await refused(() => hub.getRegistration(registrationId), 404);
  const first = await hub.createOrUpdateRegistration({ ...kinds.Gcm(), registrationId, tags: ['a'] });
  assert.equal(first.registrationId, registrationId);
  assert.equal(first.etag, '1');
  const second = await hub.createOrUpdateRegistration({ ...kinds.Gcm(), registrationId, tags: ['b'] });
  assert.equal(second.etag, '2');
  assert.deepEqual((await hub.getRegistration(registrationId)).tags, ['b']);
});

test('an ID of the client\'s own is used', async () => {
  const made = await hub.createOrUpdateRegistration({ ...kinds.Gcm(), registrationId: '123-234-1' });
  assert.equal(made.registrationId, '123-234-1');
  await hub.deleteRegistration('123-234-1');
});

test('an update needs the present ETag', async () => {
  const { registrationId, etag } = await hub.createRegistration(kinds.Gcm());
  const second = await hub.updateRegistration({ ...kinds.Gcm(), registrationId, etag, tags: ['b'] });
  assert.equal(second.etag, '2');
  await refused(() => hub.updateRegistration({ ...kinds.Gcm(), registrationId, etag, tags: ['c'] }), 412);
  assert.deepEqual((await hub.getRegistration(registrationId)).tags, ['b']);
  const third = await hub.updateRegistration({ ...kinds.Gcm(), registrationId, etag: '2' });
  assert.equal(third.etag, '3');
});

test('an update of a registration that is not there is 404', async () => {
  const registrationId = await hub.createRegistrationId();
  await refused(() => hub.updateRegistration({ ...kinds.Gcm(), registrationId, etag: '1' }), 404);
});

test('a registration is deleted with its ETag, and not with another', async () => {
  const { registrationId } = await hub.createRegistration(kinds.Gcm());
  await refused(() => hub.deleteRegistration(registrationId, { etag: '7' }), 412);
  const done = await hub.deleteRegistration(registrationId, { etag: '1' });
  assert.match(done.trackingId, /^[0-9a-f-]{36}$/);
  await refused(() => hub.getRegistration(registrationId), 404, /^operations failed with: \.TrackingId:[0-9a-f-]{36}_\w+,TimeStamp:/);
  await refused(() => hub.deleteRegistration(registrationId), 404);
});

test('what the client has deleted it can create again', async () => {
  const { registrationId } = await hub.createRegistration(kinds.Gcm());
  await hub.deleteRegistration(registrationId);
  const again = await hub.createOrUpdateRegistration({ ...kinds.Gcm(), registrationId });
  assert.equal(again.etag, '1');
});

test('a registration of a dead browser is 410 for whoever refreshes it', async () => {
  const dead = device('dead-410');
  const { registrationId } = await hub.createRegistration({ ...kinds.Browser(), ...dead, tags: ['re-dead'] });
  await hub.sendNotification(nh.createBrowserNotification({ body: { id: '410' } }), { tagExpression: 're-dead' });
  await until('the end of the registration', async () => {
    const left = await all(hub.listRegistrationsByTag('re-dead'));
    return left.length === 0 || undefined;
  });
  assert.equal((await taken('dead-410')).length, 1);
  await refused(() => hub.getRegistration(registrationId), 404);
  await refused(() => hub.createOrUpdateRegistration({ ...kinds.Browser(), ...dead, registrationId }), 410, /Use a different registration ID/);
  await refused(() => hub.updateRegistration({ ...kinds.Browser(), ...dead, registrationId, etag: '1' }), 410);
  assert.notEqual(await hub.createRegistrationId(), registrationId);
});

for (const [what, wrong] of Object.entries({
  'a tag with a blank': { tags: ['a b'] },
  'a tag of the hub\'s own': { tags: ['$InstallationId:{in-browser}'] },
  '61 tags': { tags: Array.from({ length: 61 }, (_, i) => `t${i}`) },
  'a tag of 121 characters': { tags: ['x'.repeat(121)] },
  'a device token that is not hexadecimal': { deviceToken: 'xyz' },
  'a device token of an odd length': { deviceToken: 'ABC' },
  'a template that does not parse': { kind: 'AppleTemplate', bodyTemplate: '{"aps":"$(title"}' },
  'a template that is not JSON': { kind: 'AppleTemplate', bodyTemplate: '{"aps":' },
})) {
  test(`a registration with ${what} is 400 and not stored`, async () => {
    const registrationId = await hub.createRegistrationId();
    const bad = { ...kinds.Apple(), ...wrong };
    await refused(() => hub.createRegistration({ ...bad }), 400, /^operations failed with: \w/);
    await refused(() => hub.createOrUpdateRegistration({ ...bad, registrationId }), 400);
    await refused(() => hub.getRegistration(registrationId), 404);
  });
}

test('sixty tags of 120 characters are taken, and one is found whatever its case', async () => {
  const tags = Array.from({ length: 60 }, (_, i) => `sixty${i}:`.padEnd(120, 'x'));
  await hub.createRegistration({ ...kinds.Gcm(), tags });
  const [found] = await all(hub.listRegistrationsByTag(tags[59].toUpperCase()));
  assert.deepEqual(found.tags, tags);
});

test('a registration of more than a megabyte is 413', async () => {
  await refused(() => hub.createRegistration({ ...kinds.Gcm(), gcmRegistrationId: 'x'.repeat(1 << 20) }), 413);
});
