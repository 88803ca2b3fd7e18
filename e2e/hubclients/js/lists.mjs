import assert from 'node:assert/strict';
import { device, refused, test } from '../harness.mjs';
import { all, hub, nh } from './client.mjs';

const channelUri = 'https://db5.notify.windows.com/?token=li%2Fst&y=1';
const browser = device('li-browser?a=1&b=%20');

// A registration and how it is asked for, for each kind of channel.
const channels = {
  adm: [() => nh.createAdmRegistrationDescription({ admRegistrationId: 'li-adm' }), { kind: 'adm', admRegistrationId: 'li-adm' }],
  apple: [() => nh.createAppleRegistrationDescription({ deviceToken: '11AABBCC' }), { kind: 'apple', deviceToken: '11aabbcc' }],
  baidu: [
    () => nh.createBaiduRegistrationDescription({ baiduUserId: 'li-user', baiduChannelId: 'li-channel' }),
    { kind: 'baidu', baiduUserId: 'li-user', baiduChannelId: 'li-channel' }, // the package forgets a quote here
  ],
  browser: [() => nh.createBrowserRegistrationDescription(browser), { kind: 'browser', ...browser }],
  gcm: [() => nh.createFcmLegacyRegistrationDescription({ gcmRegistrationId: 'li-gcm' }), { kind: 'gcm', gcmRegistrationId: 'li-gcm' }],
  fcmv1: [() => nh.createFcmV1RegistrationDescription({ fcmV1RegistrationId: 'li-fcm:a_b' }), { kind: 'fcmv1', fcmV1RegistrationId: 'li-fcm:a_b' }],
  windows: [() => nh.createWindowsRegistrationDescription({ channelUri }), { kind: 'windows', channelUri }],
};

for (const [kind, [make, channel]] of Object.entries(channels)) {
  test(`the registrations of a channel of ${kind} are found by it, and no others`, async () => {
    const first = await hub.createRegistration(make());
    const second = await hub.createRegistration({ ...make(), tags: ['second'] });
    await hub.createRegistration(nh.createFcmLegacyRegistrationDescription({ gcmRegistrationId: `not-${kind}` }));
    const found = await all(hub.listRegistrationsByChannel(channel));
    assert.deepEqual(found.map((r) => r.registrationId).sort(), [first.registrationId, second.registrationId].sort());
  });
}

test('a channel that nobody has gives an empty list', async () => {
  assert.deepEqual(await all(hub.listRegistrationsByChannel({ kind: 'apple', deviceToken: 'FFFF' })), []);
});

test('the package itself refuses to ask for a channel of Xiaomi', () => {
  assert.throws(() => hub.listRegistrationsByChannel({ kind: 'xiaomi', xiaomiRegistrationId: 'x' }), { statusCode: 400 });
});

test('a filter that means nothing is 400', async () => {
  for (const filter of ["Nothing eq 'x'", 'DeviceToken', "DeviceToken eq 'A' or DeviceToken eq 'B'", '']) {
    await refused(() => all(hub.listRegistrations({ filter })), 400, /^operations failed with: /);
  }
});

test('a list goes on page after page until its end', async () => {
  const made = [];
  for (let i = 0; i < 5; i++) {
    const r = await hub.createRegistration(nh.createFcmLegacyRegistrationDescription({ gcmRegistrationId: `li-page${i}`, tags: ['li-page'] }));
    made.push(r.registrationId);
  }
  const pages = [];
  for await (const page of hub.listRegistrationsByTag('li-page', { top: 2 }).byPage()) pages.push(page.map((r) => r.registrationId));
  assert.deepEqual(pages.map((p) => p.length), [2, 2, 1]);
  assert.deepEqual(pages.flat().sort(), made.sort());
  const again = [];
  for await (const page of hub.listRegistrations({ filter: "GcmRegistrationId eq 'li-page0'", top: 1 }).byPage()) again.push(...page);
  assert.deepEqual(again.map((r) => r.gcmRegistrationId), ['li-page0']);
});

test('the list of all has everything once', async () => {
  const ids = (await all(hub.listRegistrations({ top: 7 }))).map((r) => r.registrationId);
  assert.equal(new Set(ids).size, ids.length);
  const whole = (await all(hub.listRegistrations())).map((r) => r.registrationId);
  assert.deepEqual(ids.sort(), whole.sort());
  assert(whole.length > 20, `${whole.length}`);
});

test('a tag that nobody has gives an empty list', async () => {
  assert.deepEqual(await all(hub.listRegistrationsByTag('li-nobody')), []);
});

test('a page of no size is 400', async () => {
  await refused(() => all(hub.listRegistrations({ top: 0 })), 400);
  await refused(() => all(hub.listRegistrationsByTag('li-page', { top: -1 })), 400);
});
