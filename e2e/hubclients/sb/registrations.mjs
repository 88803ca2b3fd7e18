import assert from 'node:assert/strict';
import { refused, test } from '../harness.mjs';
import { c, wnsTemplates } from './client.mjs';

const channel = 'https://db5.notify.windows.com/?token=sb';
const phone = 'https://s.notify.live.net/sb';

// written checks what a write of a registration answers with.
function written({ result, response }, etag, more = {}) {
  assert.equal(response.statusCode, 200);
  assert.equal(result.ETag, etag);
  for (const [name, value] of Object.entries(more)) assert.deepEqual(result[name], value, name);
  return result;
}

// kindOf is what the service calls a registration.
const kindOf = (r) => r._.ContentRootElement.replace('RegistrationDescription', '');

test('an ID is given beforehand', async () => {
  const { result, response } = await c.hub.createRegistrationId();
  assert.equal(response.statusCode, 201);
  assert.match(result, /^\d+-\d+-\d+$/);
});

// The native registrations of each platform: the kind, how one is made and written again, and what is read back.
const native = {
  wns: ['Windows', channel, { ChannelUri: channel }, () => c.wns.listRegistrationsByChannel(channel, { top: 50 })],
  apns: ['Apple', 'abcdef90', { DeviceToken: 'ABCDEF90' }, () => c.apns.listRegistrationsByToken('abcdef90')],
  gcm: ['Gcm', 'sb-gcm', { GcmRegistrationId: 'sb-gcm' }, () => c.gcm.listRegistrationsByGcmRegistrationId('sb-gcm')],
  mpns: ['Mpns', phone, { ChannelUri: phone }, () => c.mpns.listRegistrationsByChannel(phone, { top: 50 })],
};

for (const [part, [kind, handle, read, list]] of Object.entries(native)) {
  test(`a native registration of ${part} is made, written again, read, found and deleted`, async () => {
    const made = written(await c[part].createNativeRegistration(handle, ['a', 'b'], {}), '1', { Tags: 'a,b', ...read });
    assert.equal(kindOf(made), kind);
    const id = made.RegistrationId;
    written(await c[part].createOrUpdateNativeRegistration(id, handle, 'c', {}), '2', { Tags: 'c', RegistrationId: id, ...read });
    const { result } = await c.hub.getRegistration(id);
    assert.equal(kindOf(result), kind);
    assert.equal(result.Tags, 'c');
    assert((await list()).result.some((r) => r.RegistrationId === id));
    await c.hub.deleteRegistration(id, { etag: '2' });
    await refused(() => c.hub.getRegistration(id), 404, /^404 - \.TrackingId:/);
    assert(!(await list()).result.some((r) => r.RegistrationId === id));
  });
}

// The templates of the platforms that have one form of them: a body, how it is read back, the functions' name.
const templated = {
  wns: ['RawTemplate', channel, '<toast><visual lang="$(lang)"/></toast>', { headers: { 'X-WNS-Type': 'wns/toast' } }, 'updatesRawTemplateRegistration'],
  mpns: ['RawTemplate', phone, '<root>$(t)</root>', { headers: { 'X-NotificationClass': '3' } }, 'updatesRawTemplateRegistration'],
  apns: ['Template', 'ABCDEF90', '{"aps":{"alert":"$(t)"}}', { headers: { 'apns-priority': '5' } }, 'updateTemplateRegistration'],
  gcm: ['Template', 'sb-gcm', '{"data":{"t":"$(t)"}}', {}, 'updateTemplateRegistration'],
};

for (const [part, [name, handle, body, options, update]] of Object.entries(templated)) {
  test(`a template registration of ${part} is made, written again and updated`, async () => {
    const made = written(await c[part][`create${name}Registration`](handle, 'a', body, options), '1', { BodyTemplate: body, Tags: 'a' });
    const id = made.RegistrationId;
    written(await c[part][`createOrUpdate${name}Registration`](id, handle, 'b', body, options), '2', { BodyTemplate: body, Tags: 'b' });
    written(await c[part][update](id, handle, 'c', body, { ...options, etag: '2' }), '3', { BodyTemplate: body, Tags: 'c' });
    written(await c[part][update](id, handle, 'c', body, options), '4');
    await refused(() => c[part][update](id, handle, 'd', body, { ...options, etag: '1' }), 412, /^412 - /);
    assert.equal((await c.hub.getRegistration(id)).result.Tags, 'c');
  });
}

test('the template of an Apple device has its expiry and its headers', async () => {
  const template = { alert: '$(t)', expiry: '2030-01-02T03:04:05Z' };
  const made = written(await c.apns.createTemplateRegistration('ABCDEF90', null, template, { headers: { 'apns-priority': '5' } }), '1');
  assert.equal(made.BodyTemplate, '{"aps":{"alert":"$(t)"}}');
  assert.equal(made.Expiry, '2030-01-02T03:04:05Z');
  assert.deepEqual(made.ApnsHeaders, { ApnsHeader: { Header: 'apns-priority', Value: '5' } });
  assert.equal(made.Tags, undefined);
});

// What fills any template: its images and texts.
const filling = { text1: '$(t1) ', image1src: '$(i1)' };
for (let i = 1; i <= 10; i++) Object.assign(filling, { [`text${i}`]: `$(t${i})`, [`image${i}src`]: `$(i${i})`, [`image${i}alt`]: `picture ${i} & <more>` });

for (const name of wnsTemplates) {
  test(`the template ${name} of Windows is sent, made, written again and updated`, async () => {
    const { response } = await c.wns[`send${name}`]('sb:nobody', { ...filling }, {});
    assert.equal(response.statusCode, 201);
    const body = c.wns[`create${name}`]({ ...filling }, {});
    const headers = { WnsHeader: { Header: 'X-WNS-Type', Value: name.startsWith('Tile') ? 'wns/tile' : 'wns/toast' } };
    const want = { BodyTemplate: body, WnsHeaders: headers };
    const id = written(await c.wns[`create${name}Registration`](channel, 'a', { ...filling }, {}), '1', want).RegistrationId;
    written(await c.wns[`createOrUpdate${name}Registration`](id, channel, 'b', { ...filling }, {}), '2', want);
    written(await c.wns[`update${name}Registration`](id, channel, 'c', { ...filling }, { etag: '2' }), '3', want);
    await c.hub.deleteRegistration(id);
  });
}

// The templates of Windows Phone, with what fills them.
const phoneTemplates = { Toast: ['$(t)', '$(u)'], Tile: ['$(image)', 7, '$(t)'], FlipTile: ['$(t)'], Raw: ['<root>$(t)</root>'] };

for (const [name, texts] of Object.entries(phoneTemplates)) {
  test(`the template ${name} of Windows Phone is sent, made, written again and updated`, async () => {
    const { response } = await c.mpns[`send${name}`]('sb:nobody', ...texts, {});
    assert.equal(response.statusCode, 201);
    const body = c.mpns[`create${name}`](...texts, {}).getXmlPayload();
    const same = (r) => assert.equal(r.BodyTemplate, body);
    const made = written(await c.mpns[`create${name}Registration`](phone, 'a', ...texts, {}), '1');
    same(made);
    same(written(await c.mpns[`createOrUpdate${name}Registration`](made.RegistrationId, phone, 'b', ...texts, {}), '2'));
    same(written(await c.mpns[`update${name}Registration`](made.RegistrationId, phone, 'c', ...texts, { etag: '2' }), '3'));
  });
}

test('what was read can be written back', async () => {
  const { result: made } = await c.gcm.createTemplateRegistration('sb-back', 'a', '{"t":"$(t)"}');
  const { result: read } = await c.hub.getRegistration(made.RegistrationId);
  read.Tags = 'b';
  written(await c.hub.updateRegistration(read, { etag: '1' }), '2', { Tags: 'b', BodyTemplate: '{"t":"$(t)"}' });
  const { result: second } = await c.hub.getRegistration(made.RegistrationId);
  second.Tags = 'c';
  written(await c.hub.createOrUpdateRegistration(second, {}), '3', { Tags: 'c', BodyTemplate: '{"t":"$(t)"}' });
  const { result: third } = await c.hub.getRegistration(made.RegistrationId);
  await refused(() => c.hub.updateRegistration(third, { etag: '1' }), 412);
});

test('a list goes on with a top and a skip', async () => {
  for (let i = 0; i < 3; i++) await c.gcm.createNativeRegistration(`sb-page${i}`, 'sb:page');
  const page = async (options) => (await c.hub.listRegistrationsByTag('sb:page', options)).result.map((r) => r.GcmRegistrationId);
  const whole = await page({});
  assert.deepEqual([...whole].sort(), ['sb-page0', 'sb-page1', 'sb-page2']);
  assert.deepEqual([...await page({ top: 2 }), ...await page({ top: 2, skip: 2 })], whole);
  assert.equal((await c.hub.listRegistrations({ top: 2 })).result.length, 2);
});

test('a list of nothing is empty', async () => {
  assert.deepEqual((await c.hub.listRegistrationsByTag('sb:nobody')).result, []);
  assert.deepEqual((await c.gcm.listRegistrationsByGcmRegistrationId('sb-nobody')).result, []);
});

test('a registration that cannot be is 400', async () => {
  await refused(() => c.apns.createNativeRegistration('xyz', 'a'), 400, /^400 - /);
  await refused(() => c.gcm.createNativeRegistration('sb', 'a b'), 400);
  await refused(() => c.gcm.createTemplateRegistration('sb', 'a', '{"t":"$("}'), 400);
});

test('a registration that is not there cannot be updated or deleted', async () => {
  const { result: id } = await c.hub.createRegistrationId();
  await refused(() => c.gcm.updateTemplateRegistration(id, 'sb', 'a', '{}'), 404);
  await refused(() => c.hub.deleteRegistration(id), 404);
});
