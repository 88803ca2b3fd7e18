// The conformance suite with @azure/notification-hubs. It needs NODE_EXTRA_CA_CERTS for a certificate of one's own.
import { runAll } from './harness.mjs';
import './js/installations.mjs';
import './js/registrations.mjs';
import './js/lists.mjs';
import './js/sends.mjs';
import './js/schedule.mjs';
import './js/manage.mjs';
import './js/access.mjs';

await runAll();
