/** The status page with its API: where it is served, and who may do what. */
import { isIP } from 'node:net';
import * as z from 'zod';
import { file, flag, host, type ListEntry, list, port, secret, text } from '../setting-kinds.ts';

/** Most users; each is a person. */
const MAX_USERS = 100;

/** `$scrypt$ln=14,r=8,p=5$<salt>$<hash>`: cost, salt and hash in base64 without padding. */
const PASSWORD_HASH =
  /^\$scrypt\$ln=1[0-7],r=(?:[1-9]|1[0-6]),p=(?:[1-9]|1[0-6])\$[A-Za-z0-9+/]{22,86}\$[A-Za-z0-9+/]{43,86}$/;

const hostName: ListEntry = {
  expected: 'host names or IP addresses, without a port',
  read: (written) => {
    const name = written.replace(/^\[(.*)\]$/, '$1').toLowerCase();
    return isIP(name) !== 0 || /^[\p{L}\p{N}_-]+(\.[\p{L}\p{N}_-]+)*\.?$/u.test(name) ? name : undefined;
  },
  meant: (written) => /^(?:https?:\/\/)?([^/:\s]+)(?::\d+)?(?:\/.*)?$/i.exec(written)?.[1],
};

export const httpSection = z.strictObject({
  enabled: flag()
    .default(true)
    .meta({
      description:
        'Whether the status page and its API are served. A port that is in use is a warning: the gateway goes on without.',
      examples: [false],
    }),
  host: host()
    .default('127.0.0.1')
    .meta({
      description:
        'Address at which the status page is served. Any other than one of this machine alone (127.0.0.1, ::1, localhost) needs users or token.',
      examples: ['0.0.0.0'],
    }),
  port: port()
    .default(8884)
    .meta({ description: 'TCP port of the status page.', examples: [8884] }),
  users: z
    .array(
      z.strictObject({
        name: text({
          pattern: /^[^\p{Cc}:]{1,64}$/u,
          expected: '1 to 64 characters without a colon and control characters',
        }).meta({ description: 'Name that the browser asks for.', examples: ['anna'] }),
        passwordHash: secret({
          pattern: PASSWORD_HASH,
          expected: 'what "mqtt-sn-gateway hash-password" prints ($scrypt$ln=…), in quotes',
        })
          .optional()
          .meta({
            description: 'Hash of the password, as `mqtt-sn-gateway hash-password` prints it; each user needs one.',
            examples: ['$scrypt$ln=14,r=8,p=5$…'],
          }),
        passwordHashFile: file()
          .optional()
          .meta({
            description: 'File that has the hash, in place of passwordHash.',
            examples: ['/run/secrets/anna-hash'],
          }),
      }),
    )
    .max(MAX_USERS)
    .default([])
    .meta({
      description:
        'Who may open the page (HTTP Basic). With users or token everything but /healthz and /readyz needs one of them; without either the page shows and does nothing else.',
    }),
  token: secret({
    pattern: /^[!-~]{16,256}$/,
    expected: 'at least 16 visible ASCII characters, such as those of "openssl rand -hex 16"',
  })
    .optional()
    .meta({
      description:
        'What scripts and Prometheus send as `Authorization: Bearer …`; without users also the password with which a browser gets in, with any user name. Better given by its environment variable, or by tokenFile, than in the file.',
      examples: ['…'],
    }),
  tokenFile: file()
    .optional()
    .meta({
      description: 'File that has the token, in place of token, such as a secret of a container or of systemd.',
      examples: ['/run/secrets/page-token'],
    }),
  insecure: flag()
    .default(false)
    .meta({
      description:
        'Serve the page to other machines though nobody is asked who he is. It then shows, and does nothing.',
      examples: [true],
    }),
  allowedHosts: list(hostName)
    .optional()
    .meta({
      description:
        'Names under which browsers find this machine; of any other name nothing is served, for it may be that of a web site that leads here (DNS rebinding). IP addresses and localhost are right always. Absent: host, and the name of this machine, alone and with .local.',
      examples: [['gateway.example']],
    }),
  cert: file({ pem: 'certificates' })
    .optional()
    .meta({
      description:
        'Certificate (PEM), with those that lead to its authority behind it: the page is served by HTTPS; needs key. Both files are read again when they have changed.',
      examples: ['page.crt'],
    }),
  key: file({ pem: 'private key' })
    .optional()
    .meta({ description: 'Private key (PEM) of that certificate; needs cert.', examples: ['page.key'] }),
});
