import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { arrived, device, refused, taken, test, until } from '../harness.mjs';
import { hub, nh } from './client.mjs';

const notificationID = /^[0-9a-f]{32}-\d{14}-\d+-\d+$/;

// register makes a browser and returns its name.
async function register(name, tags, more = {}) {
  await hub.createOrUpdateInstallation(nh.createBrowserInstallation({ installationId: name, tags, pushChannel: device(name), ...more }));
  return name;
}

// outcome waits until a notification has come to its end.
function outcome(sent) {
  return until(`the end of ${sent.notificationId}`, async () => {
    const details = await hub.getNotificationOutcomeDetails(sent.notificationId);
    return details.endTime ? details : undefined;
  });
}

const browser = (id, headers) => nh.createBrowserNotification({ body: { id }, headers });

test('a browser gets what is sent to its tag, with the headers of Web Push, and the outcome says so', async () => {
  await register('se-tag', ['se:tag']);
  const sent = await hub.sendNotification(browser('7', { TTL: '60', Urgency: 'high', Topic: 'se-topic' }), { tagExpression: 'se:tag' });
  assert.match(sent.notificationId, notificationID);
  assert.equal(sent.state, 'Enqueued');
  assert.match(sent.location, new RegExp(`^https://.*/messages/${sent.notificationId}\\?api-version=2020-06$`));
  assert.match(sent.trackingId, /^[0-9a-f-]{36}$/);
  assert.match(sent.correlationId, /^[0-9a-f-]{36}$/);
  const [{ topic, ...rest }] = await arrived('se-tag');
  assert.deepEqual(rest, { text: '{"id":"7"}', ttl: '60', urgency: 'high' });
  assert.match(topic, /^[\w-]{32}$/);
  const details = await outcome(sent);
  assert.equal(details.notificationId, sent.notificationId);
  assert.equal(details.state, 'Completed');
  assert.equal(details.targetPlatforms, 'browser');
  assert.deepEqual(details.browserOutcomeCounts, [{ state: 'Success', count: 1 }]);
  assert(details.enqueueTime <= details.startTime && details.startTime <= details.endTime);
});

test('the push service sees which messages have one topic, and not what it is called', async () => {
  await register('se-topic', ['se:topic']);
  for (const [id, Topic] of [['1', 'fever'], ['2', 'fever'], ['3', 'cough']]) {
    await outcome(await hub.sendNotification(browser(id, { Topic }), { tagExpression: 'se:topic' }));
  }
  const [first, second, third] = (await taken('se-topic')).map((m) => m.topic);
  assert.equal(first, second);
  assert.notEqual(first, third);
  assert.notEqual(first, 'fever');
});

test('a tag expression decides who gets it', async () => {
  await register('se-ann', ['se:all', 'username:ann']);
  await register('se-bea', ['se:all', 'username:bea', 'se:muted'], { userId: 'bea' });
  const expressions = {
    'se:all': ['se-ann', 'se-bea'],
    'SE:ALL && !se:muted': ['se-ann'],
    'username:ann || username:bea': ['se-ann', 'se-bea'],
    'se:all && (username:bea || se:nobody)': ['se-bea'],
    '$UserId:{bea}': ['se-bea'],
    '$InstallationId:{se-ann}': ['se-ann'],
    [nh.createTagExpression(['username:ann', 'se:nobody'])]: ['se-ann'],
  };
  const want = { 'se-ann': [], 'se-bea': [] };
  for (const [tagExpression, names] of Object.entries(expressions)) {
    const details = await outcome(await hub.sendNotification(browser(tagExpression), { tagExpression }));
    assert.deepEqual(details.browserOutcomeCounts, [{ state: 'Success', count: names.length }], tagExpression);
    for (const name of names) want[name].push(JSON.stringify({ id: tagExpression }));
  }
  for (const [name, texts] of Object.entries(want)) assert.deepEqual((await taken(name)).map((m) => m.text), texts, name);
});

test('a device with two registrations gets it once', async () => {
  await register('se-twice', ['se:twice']);
  await hub.createRegistration(nh.createBrowserRegistrationDescription({ ...device('se-twice'), tags: ['se:twice'] }));
  const details = await outcome(await hub.sendNotification(browser('2'), { tagExpression: 'se:twice' }));
  const counts = Object.fromEntries(details.browserOutcomeCounts.map((c) => [c.state, c.count]));
  assert.deepEqual(counts, { Success: 1, Skipped: 1 });
  assert.equal((await taken('se-twice')).length, 1);
});

test('when nobody has the tag the outcome says so', async () => {
  const details = await outcome(await hub.sendNotification(browser('0'), { tagExpression: 'se:nobody' }));
  assert.equal(details.state, 'NoTargetFound');
});

test('everybody gets a broadcast', async () => {
  await register('se-one', []);
  await register('se-two', []);
  const sent = await hub.sendBroadcastNotification(browser('all'));
  assert.match(sent.notificationId, notificationID);
  for (const name of ['se-one', 'se-two']) assert.deepEqual((await arrived(name)).map((m) => m.text), ['{"id":"all"}']);
});

test('a dead browser is counted as such', async () => {
  await register('dead-send', ['se:dead']);
  const details = await outcome(await hub.sendNotification(browser('1'), { tagExpression: 'se:dead' }));
  assert.deepEqual(details.browserOutcomeCounts, [{ state: 'ExpiredChannel', count: 1 }]);
  const there = await hub.getInstallation('dead-send');
  assert.equal(there.pushChannelExpired, true);
});

// A notification for each platform whose push service the hub does not speak to, and a device that would get it.
const elsewhere = {
  adm: ['admOutcomeCounts', () => nh.createAdmNotification({ body: nh.createAdmNotificationBody({ data: { id: '7' } }) }),
    () => nh.createAdmInstallation({ installationId: 'se-adm', pushChannel: 'adm' })],
  apple: ['apnsOutcomeCounts', () => nh.createAppleNotification({
    body: nh.createAppleNotificationBody({ aps: { 'content-available': 1 }, id: '7' }), headers: { 'apns-push-type': 'background', 'apns-priority': '5' },
  }), () => nh.createAppleInstallation({ installationId: 'se-apple', pushChannel: 'ABCD' })],
  baidu: ['baiduOutcomeCounts', () => nh.createBaiduNotification({ body: nh.createBaiduNotificationBody({ title: 't' }) }),
    () => nh.createBaiduInstallation({ installationId: 'se-baidu', pushChannel: 'user-channel' })],
  gcm: ['fcmOutcomeCounts', () => nh.createFcmLegacyNotification({ body: nh.createFirebaseLegacyNotificationBody({ data: { id: '7' } }) }),
    () => nh.createFcmLegacyInstallation({ installationId: 'se-gcm', pushChannel: 'gcm' })],
  fcmv1: ['fcmV1OutcomeCounts', () => nh.createFcmV1Notification({ body: nh.createFirebaseV1NotificationBody({ message: { data: { id: '7' } } }) }),
    () => nh.createFcmV1Installation({ installationId: 'se-fcmv1', pushChannel: 'fcm' })],
  xiaomi: ['xiaomiOutcomeCounts', () => nh.createXiaomiNotification({ body: { id: '7' } }),
    () => nh.createXiaomiInstallation({ installationId: 'se-xiaomi', pushChannel: 'mi' })],
  windows: ['wnsOutcomeCounts', () => nh.createWindowsToastNotification({ body: '<toast/>', headers: { 'X-WNS-TTL': '60' } }),
    () => nh.createWindowsInstallation({ installationId: 'se-windows', pushChannel: 'https://db5.notify.windows.com/?token=se' })],
};

for (const [platform, [counts, notification, installation]] of Object.entries(elsewhere)) {
  test(`a notification for ${platform} is taken, and the outcome says that there is no credential`, async () => {
    await hub.createOrUpdateInstallation({ ...installation(), tags: [`se:${platform}`] });
    const details = await outcome(await hub.sendNotification(notification(), { tagExpression: `se:${platform}` }));
    assert.equal(details.state, 'Completed');
    assert.deepEqual(details[counts], [{ state: 'InvalidCredentials', count: 1 }]);
    assert.equal(details.targetPlatforms, platform);
  });
}

test('notifications of Windows are taken in all their forms', async () => {
  const badge = nh.createWindowsBadgeNotificationBody({ value: 7 });
  for (const n of [
    nh.createWindowsNotification({ body: '<tile/>', headers: { 'X-WNS-Type': 'wns/tile' } }),
    nh.createWindowsTileNotification({ body: '<?xml version="1.0"?><tile/>' }),
    nh.createWindowsBadgeNotification({ body: badge }),
    nh.createWindowsRawNotification({ body: '7' }),
  ]) {
    const details = await outcome(await hub.sendNotification(n, { tagExpression: 'se:windows || se:other' }));
    assert.deepEqual(details.wnsOutcomeCounts, [{ state: 'InvalidCredentials', count: 1 }], n.headers['X-WNS-Type']);
  }
});

test('a template makes its own text of what is sent', async () => {
  await register('se-template', ['se:template'], {
    templates: { greeting: { body: '{"title":"{\'Dear \' + $(name)}","to":"$(name:{nobody})"}', headers: { Urgency: 'low' }, tags: ['se:greeting'] } },
    pushVariables: { name: 'Anna' },
  });
  const send = (body) => hub.sendNotification(nh.createTemplateNotification({ body }), { tagExpression: 'greeting && se:greeting' });
  const details = await outcome(await send({}));
  assert.deepEqual(details.browserOutcomeCounts, [{ state: 'Success', count: 1 }]);
  await outcome(await send({ name: 'Quote "' }));
  assert.deepEqual((await arrived('se-template', 2)).map((m) => m.text), ['{"title":"Dear Anna","to":"Anna"}', '{"title":"Dear Quote \\"","to":"Quote \\""}']);
  assert.equal((await taken('se-template'))[0].urgency, 'low');
});

test('a template notification with a property that is an object is 400', async () => {
  await refused(() => hub.sendNotification(nh.createTemplateNotification({ body: { a: { b: 1 } } }), { tagExpression: 'x' }), 400);
});

test('a handle gets what is sent to it alone, registered or not', async () => {
  const sent = await hub.sendNotification(browser('direct'), { deviceHandle: device('se-direct') });
  assert.match(sent.notificationId, notificationID);
  assert.deepEqual((await arrived('se-direct')).map((m) => m.text), ['{"id":"direct"}']);
  const apple = nh.createAppleNotification({ body: { aps: {} } });
  const details = await outcome(await hub.sendNotification(apple, { deviceHandle: 'ABCD' }));
  assert.deepEqual(details.apnsOutcomeCounts, [{ state: 'InvalidCredentials', count: 1 }]);
});

test('a handle within the network of the hub is not sent to', async () => {
  const inside = { ...device('x'), endpoint: 'https://169.254.169.254/latest' };
  const details = await outcome(await hub.sendNotification(browser('no'), { deviceHandle: inside }));
  assert.deepEqual(details.browserOutcomeCounts, [{ state: 'BadChannel', count: 1 }]);
});

test('each handle of a batch gets it', async () => {
  const sent = await hub.sendNotification(browser('batch'), { deviceHandle: [device('se-batch1'), device('se-batch2')] });
  assert.equal(sent.notificationId, '$batch'); // the package takes the wrong part of the address
  for (const name of ['se-batch1', 'se-batch2']) assert.deepEqual((await arrived(name)).map((m) => m.text), ['{"id":"batch"}']);
  const notificationId = new URL(sent.location).pathname.split('/').pop();
  const details = await outcome({ notificationId });
  assert.deepEqual(details.browserOutcomeCounts, [{ state: 'Success', count: 2 }]);
});

test('a batch of a thousand handles is taken, and one more is 400', async () => {
  const apple = nh.createAppleNotification({ body: { aps: {} } });
  const handles = Array.from({ length: 1001 }, (_, i) => i.toString(16).padStart(8, '0'));
  await hub.sendNotification(apple, { deviceHandle: handles.slice(1) });
  await refused(() => hub.sendNotification(apple, { deviceHandle: handles }), 400, /1 to 1000/);
  await refused(() => hub.sendNotification(apple, { deviceHandle: [] }), 400);
});

test('a test send answers with what became of it', async () => {
  await register('se-test', ['se:test']);
  await register('dead-test', ['se:test']);
  const tried = await hub.sendNotification(browser('try'), { tagExpression: 'se:test', enableTestSend: true });
  assert.equal(tried.state, 'DetailedStateAvailable');
  assert.match(tried.notificationId, notificationID);
  assert.deepEqual([tried.successCount, tried.failureCount], [1, 1]);
  const good = tried.results.find((r) => r.pnsHandle === device('se-test').endpoint);
  assert.equal(good.applicationPlatform, 'browser');
  assert.equal(good.outcome, 'The Notification was successfully sent to the Push Notification System');
  assert.ok(good.registrationId);
  const bad = tried.results.find((r) => r.pnsHandle === device('dead-test').endpoint);
  assert.match(bad.outcome, /ExpiredChannel/);
});

test('a test send to nobody has no results', async () => {
  const tried = await hub.sendNotification(browser('try'), { tagExpression: 'se:nobody', enableTestSend: true });
  assert.deepEqual([tried.successCount, tried.failureCount, tried.results], [0, 0, []]);
});

test('a test broadcast of the package goes to a tag that nobody has', async () => {
  const tried = await hub.sendBroadcastNotification(browser('try'), { enableTestSend: true }); // it sends the tag "undefined"
  assert.deepEqual([tried.successCount, tried.failureCount, tried.results], [0, 0, []]);
});

test('a request that is repeated is sent once', async () => {
  await register('se-repeat', ['se:repeat']);
  const options = { tagExpression: 'se:repeat', requestOptions: { requestId: randomUUID() } };
  const first = await hub.sendNotification(browser('once'), options);
  const second = await hub.sendNotification(browser('once'), options);
  assert.equal(second.notificationId, first.notificationId);
  await outcome(first);
  assert.equal((await taken('se-repeat')).length, 1);
});

for (const [what, tagExpression] of Object.entries({
  'that does not end': 'a &&',
  'with a blank between tags': 'a b',
  'with a parenthesis too many': '(a))',
  'of 21 tags': nh.createTagExpression(Array.from({ length: 21 }, (_, i) => `t${i}`)),
  'of 7 tags of which all are wanted': Array.from({ length: 7 }, (_, i) => `t${i}`).join(' && '),
})) {
  test(`a tag expression ${what} is 400`, async () => {
    await refused(() => hub.sendNotification(browser('no'), { tagExpression }), 400, /^operations failed with: \w/);
  });
}

test('a tag expression of 20 tags is taken', async () => {
  await hub.sendNotification(browser('yes'), { tagExpression: nh.createTagExpression(Array.from({ length: 20 }, (_, i) => `t${i}`)) });
});

test('64 KB are taken, though no push service takes them, and one byte more is 413', async () => {
  await register('se-large', ['se:large']);
  const send = (size) => hub.sendNotification(nh.createBrowserNotification({ body: 'x'.repeat(size) }), { tagExpression: 'se:large' });
  const details = await outcome(await send(64 << 10));
  assert.deepEqual(details.browserOutcomeCounts, [{ state: 'InvalidNotificationSize', count: 1 }]);
  await refused(() => send((64 << 10) + 1), 413, /65536 bytes/);
  await outcome(await send(3900));
  assert.equal((await arrived('se-large'))[0].text.length, 3900);
});

test('a raw notification of Windows may have 5 KB', async () => {
  const send = (size) => hub.sendNotification(nh.createWindowsRawNotification({ body: 'x'.repeat(size) }), { tagExpression: 'se:windows' });
  await send(5 << 10);
  await refused(() => send((5 << 10) + 1), 413, /5 KB/);
});

test('the outcome of a notification that there is not is 404', async () => {
  await refused(() => hub.getNotificationOutcomeDetails('4651c1ec2b614f14bfec41c62ca000b1-20181107001828-33331921-15'), 404, /^operations failed with: /);
});
