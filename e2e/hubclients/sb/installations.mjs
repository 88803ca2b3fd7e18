import assert from 'node:assert/strict';
import { device, refused, test } from '../harness.mjs';
import { c } from './client.mjs';

test('an installation is written, read, changed and deleted', async () => {
  const installation = { installationId: 'sb-in', platform: 'browser', pushChannel: device('sb-in'), tags: ['a'] };
  assert.equal((await c.hub.createOrUpdateInstallation(installation, {})).response.statusCode, 200);
  const { result } = await c.hub.getInstallation('sb-in', {});
  for (const [name, value] of Object.entries(installation)) assert.deepEqual(result[name], value, name);
  assert.equal(result.pushChannelExpired, false);
  const { response } = await c.hub.patchInstallation('sb-in', [{ op: 'add', path: '/tags', value: 'b' }], {});
  assert.equal(response.statusCode, 200);
  assert.deepEqual((await c.hub.getInstallation('sb-in')).result.tags, ['a', 'b']);
  assert.equal((await c.hub.listRegistrationsByTag('$InstallationId:{sb-in}')).result.length, 1);
  assert.equal((await c.hub.deleteInstallation('sb-in', {})).response.statusCode, 204);
  assert.equal((await c.hub.deleteInstallation('sb-in')).response.statusCode, 204);
  await refused(() => c.hub.getInstallation('sb-in'), 404, /^404 - Installation not found\.TrackingId:/);
});

test('an installation that is not there cannot be changed', async () => {
  await refused(() => c.hub.patchInstallation('sb-never', [{ op: 'add', path: '/tags', value: 'b' }]), 404);
});

test('an installation that cannot be is 400 and not stored', async () => {
  for (const wrong of [{ platform: 'pigeon' }, { pushChannel: '' }, { tags: ['a b'] }, { installationId: 'sb wrong' }]) {
    const installation = { installationId: 'sb-wrong', platform: 'gcm', pushChannel: 'x', ...wrong };
    await refused(() => c.hub.createOrUpdateInstallation(installation), 400, /^400 - /);
  }
  await refused(() => c.hub.getInstallation('sb-wrong'), 404);
});

test('a change that cannot be made is 400 and changes nothing', async () => {
  await c.hub.createOrUpdateInstallation({ installationId: 'sb-none', platform: 'gcm', pushChannel: 'x', tags: ['a'] });
  const changes = [{ op: 'add', path: '/tags', value: 'b' }, { op: 'remove', path: '/nothing' }];
  await refused(() => c.hub.patchInstallation('sb-none', changes), 400, /^400 - Operation 2: /);
  assert.deepEqual((await c.hub.getInstallation('sb-none')).result.tags, ['a']);
});
