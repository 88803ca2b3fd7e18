import assert from 'node:assert/strict';
import { arrived, device, refused, taken, test } from '../harness.mjs';
import { hub, nh } from './client.mjs';

const browser = (id) => nh.createBrowserNotification({ body: { id } });
const ahead = (ms) => new Date(Date.now() + ms);
const week = 7 * 24 * 3600 * 1000;

test('a scheduled notification comes at its time and not before', async () => {
  await hub.createOrUpdateInstallation(nh.createBrowserInstallation({ installationId: 'sc-one', tags: ['sc:one'], pushChannel: device('sc-one') }));
  const due = ahead(1000);
  const sent = await hub.scheduleNotification(due, browser('later'), { tagExpression: 'sc:one' });
  assert.ok(sent.notificationId);
  assert.match(sent.location, /^https:\/\/.*\/schedulednotifications\//);
  const early = await taken('sc-one');
  if (new Date() < due) assert.deepEqual(early, []); // or the machine is too slow for this
  assert.deepEqual((await arrived('sc-one')).map((m) => m.text), ['{"id":"later"}']);
  assert(Date.now() >= due.getTime());
});

test('a scheduled broadcast reaches those who are there at its time', async () => {
  await hub.scheduleBroadcastNotification(ahead(1000), browser('all later'));
  await hub.createOrUpdateInstallation(nh.createBrowserInstallation({ installationId: 'sc-all', pushChannel: device('sc-all') }));
  assert.deepEqual((await arrived('sc-all')).map((m) => m.text), ['{"id":"all later"}']);
});

test('a cancelled notification does not come', async () => {
  const sent = await hub.scheduleNotification(ahead(60_000), browser('never'), { tagExpression: 'sc:one' });
  assert.equal((await hub.getNotificationOutcomeDetails(sent.notificationId)).state, 'Scheduled');
  const done = await hub.cancelScheduledNotification(sent.notificationId);
  assert.match(done.trackingId, /^[0-9a-f-]{36}$/);
  assert.equal((await hub.getNotificationOutcomeDetails(sent.notificationId)).state, 'Canceled');
  await refused(() => hub.cancelScheduledNotification(sent.notificationId), 404);
});

test('a notification can be scheduled for a week from now, and not for later', async () => {
  const sent = await hub.scheduleNotification(ahead(week - 1000), browser('week'), { tagExpression: 'sc:one' });
  await hub.cancelScheduledNotification(sent.notificationId);
  await refused(() => hub.scheduleNotification(ahead(week + 3600_000), browser('no'), { tagExpression: 'sc:one' }), 400, /7 days/);
  await refused(() => hub.scheduleBroadcastNotification(ahead(week + 3600_000), browser('no')), 400);
});

test('a scheduled notification is held to the same rules as others', async () => {
  await refused(() => hub.scheduleNotification(ahead(1000), browser('no'), { tagExpression: 'a &&' }), 400);
  const large = nh.createBrowserNotification({ body: 'x'.repeat((64 << 10) + 1) });
  await refused(() => hub.scheduleNotification(ahead(1000), large, { tagExpression: 'a' }), 413);
});

test('a scheduled notification that there is not cannot be cancelled', async () => {
  await refused(() => hub.cancelScheduledNotification('4651c1ec2b614f14bfec41c62ca000b1-20181107001828-33331921-15'), 404, /^operations failed with: /);
});
