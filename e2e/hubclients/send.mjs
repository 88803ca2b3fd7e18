// Sends one notification as a program with @azure/notification-hubs does, and prints what became of it. Settings on standard
// input, for example
//   {"connection":"Endpoint=sb://…","hub":"securepush","tagExpression":"username:anna","id":"7Jb0m3Zl3oWm4m0x0n9L9w"}
// and on standard output
//   {"state":"Completed","outcomes":[{"state":"Success","count":1}]}   or   {"statusCode":401}
import { NotificationHubsClient, createBrowserNotification, isRestError } from '@azure/notification-hubs';
import { settings, until } from './harness.mjs';

const { connection, hub, tagExpression, id } = settings;
const client = new NotificationHubsClient(connection, hub);
let answer;
try {
  const sent = await client.sendNotification(createBrowserNotification({ body: { id } }), { tagExpression });
  answer = await until('the outcome', async () => {
    const { endTime, state, browserOutcomeCounts } = await client.getNotificationOutcomeDetails(sent.notificationId);
    return endTime && { state, outcomes: browserOutcomeCounts };
  });
} catch (err) {
  if (!isRestError(err)) throw err;
  answer = { statusCode: err.statusCode };
}
process.stdout.write(JSON.stringify(answer) + '\n');
