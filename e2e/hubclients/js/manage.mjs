import assert from 'node:assert/strict';
import { device, refused, test, until } from '../harness.mjs';
import { hub, nh } from './client.mjs';

test('the feedback names the handle that has died, to whoever has its address', async () => {
  const dead = device('dead-feedback');
  await hub.createOrUpdateInstallation(nh.createBrowserInstallation({ installationId: 'fe-dead', tags: ['fe:dead'], pushChannel: dead }));
  const sent = await hub.sendNotification(nh.createBrowserNotification({ body: { id: '1' } }), { tagExpression: 'fe:dead' });
  const container = new URL((await hub.getFeedbackContainerUrl()).trim());
  const record = await until('the feedback', async () => {
    const list = await (await fetch(container)).text();
    for (const [, name] of list.matchAll(/<Name>([^<]+)<\/Name>/g)) {
      const day = new URL(container);
      day.pathname += `/${name}`;
      const lines = await (await fetch(day)).text();
      const line = lines.split('\n').find((l) => l.includes(dead.endpoint));
      if (line) return line;
    }
    return undefined;
  });
  assert.match(record, /<NotificationSystemError>ExpiredChannel<\/NotificationSystemError>/);
  assert.match(record, /<Platform>browser<\/Platform>/i);
  assert(record.includes('<InstallationId>fe-dead</InstallationId>'), record);
  assert(record.includes(`<NotificationId>${sent.notificationId}</NotificationId>`), record);
  container.search = container.search.replace(/sig=./, 'sig=%00');
  assert.equal((await fetch(container)).status, 401);
});

// A container that is not on the Internet: the hub must not write there.
const output = 'https://192.0.2.1/container?sv=1&sig=x%2Fy';

// ended waits until a job has come to its end.
const ended = (jobId) => until(`the end of ${jobId}`, async () => {
  const job = await hub.getNotificationHubJob(jobId);
  return ['Completed', 'Failed'].includes(job.status) ? job : undefined;
});

test('a job is taken, listed, and tells why it could not be done', async () => {
  const submitted = await hub.submitNotificationHubJob({ type: 'ExportRegistrations', outputContainerUrl: output });
  assert.ok(submitted.jobId);
  assert.equal(submitted.type, 'ExportRegistrations');
  assert.equal(submitted.outputContainerUrl, output);
  assert.match(submitted.status, /^(Started|Running|Failed)$/);
  const job = await ended(submitted.jobId);
  assert.equal(job.status, 'Failed');
  assert.equal(job.failure, 'The output container cannot be reached.');
  assert(job.createdAt <= job.updatedAt);
  const listed = (await hub.listNotificationHubJobs()).find((j) => j.jobId === submitted.jobId);
  assert.deepEqual(listed, job);
});

test('an import tells why it could not be done', async () => {
  const importFileUrl = 'https://192.0.2.1/container/import.txt?sig=x';
  const { jobId } = await hub.submitNotificationHubJob({ type: 'ImportCreateRegistrations', outputContainerUrl: output, importFileUrl });
  const job = await ended(jobId);
  assert.deepEqual([job.status, job.failure, job.importFileUrl], ['Failed', 'The import file cannot be reached.', importFileUrl]);
});

test('who waits for a job is told that it has failed', async () => {
  const job = { type: 'ExportRegistrations', outputContainerUrl: 'https://127.0.0.1:1/container?sig=x' };
  // To wait for this poller is to wait for the end of the job.
  await assert.rejects(hub.beginSubmitNotificationHubJob(job, { updateIntervalInMs: 10 }), { message: 'The output container cannot be reached.' });
});

for (const [what, job] of Object.entries({
  'of a type that there is not': { type: 'DropEverything', outputContainerUrl: output },
  'without TLS': { type: 'ExportRegistrations', outputContainerUrl: 'http://192.0.2.1/container' },
  'that imports nothing': { type: 'ImportUpdateRegistrations', outputContainerUrl: output },
})) {
  test(`a job ${what} is 400`, async () => {
    await refused(() => hub.submitNotificationHubJob(job), 400, /^operations failed with: \w/);
  });
}

test('a job that there is not is 404', async () => {
  await refused(() => hub.getNotificationHubJob('3b1f0a52-0000-4000-8000-000000000000'), 404, /^operations failed with: /);
});
