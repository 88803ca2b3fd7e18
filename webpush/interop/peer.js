// Speaks for two independent implementations of Web Push. Reads one JSON request from standard input, writes one JSON
// answer to standard output. Bytes are base64url. Example:
//   {"op":"open","version":"aes128gcm","private":"q1dX…","auth":"BTBZ…","body":"DGv6…"} → {"text":"V2hlbiBJ…"}
'use strict';
const crypto = require('node:crypto');
const ece = require('http_ece');
const webpush = require('web-push');

const bytes = (s) => Buffer.from(s, 'base64url');
const text = (b) => b.toString('base64url');

function ecdh(secret) {
  const key = crypto.createECDH('prime256v1');
  secret ? key.setPrivateKey(bytes(secret)) : key.generateKeys();
  return key;
}

const ops = {
  // What web-push would send for a subscription.
  send(r) {
    const d = webpush.generateRequestDetails(r.subscription, bytes(r.text), {
      contentEncoding: r.version,
      TTL: 60,
      vapidDetails: { subject: 'mailto:push@example.org', publicKey: r.vapidPublic, privateKey: r.vapidPrivate },
    });
    return { headers: d.headers, body: text(d.body) };
  },

  // What http_ece makes of a text for a device, with padding and a record size of the caller's choice.
  seal(r) {
    const sender = ecdh();
    const salt = crypto.randomBytes(16);
    const body = ece.encrypt(bytes(r.text), {
      version: r.version, privateKey: sender, dh: r.p256dh, authSecret: r.auth, salt: text(salt), pad: r.pad, rs: r.rs,
    });
    return { body: text(body), salt: text(salt), dh: text(sender.getPublicKey()) };
  },

  // What http_ece reads in a message to a device.
  open(r) {
    const body = ece.decrypt(bytes(r.body), { version: r.version, privateKey: ecdh(r.private), authSecret: r.auth });
    return { text: text(body) };
  },

  // Whether a token's signature is the key's, as RFC 7518 section 3.4 has it; and its claims.
  verify(r) {
    const [head, body, signature] = r.token.split('.');
    const point = bytes(r.key);
    const jwk = { kty: 'EC', crv: 'P-256', x: text(point.subarray(1, 33)), y: text(point.subarray(33)) };
    const key = crypto.createPublicKey({ key: jwk, format: 'jwk' });
    const ok = crypto.verify('sha256', Buffer.from(head + '.' + body), { key, dsaEncoding: 'ieee-p1363' }, bytes(signature));
    return { ok, header: JSON.parse(bytes(head)), claims: JSON.parse(bytes(body)) };
  },

  keys() {
    return webpush.generateVAPIDKeys();
  },
};

let input = '';
process.stdin.setEncoding('utf8');
process.stdin.on('data', (chunk) => { input += chunk; });
process.stdin.on('end', () => {
  const r = JSON.parse(input);
  process.stdout.write(JSON.stringify(ops[r.op](r)));
});
