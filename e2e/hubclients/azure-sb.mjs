// The conformance suite with azure-sb, which does not take localhost for a host.
import { runAll } from './harness.mjs';
import './sb/registrations.mjs';
import './sb/sends.mjs';
import './sb/installations.mjs';
import './sb/access.mjs';

await runAll();
