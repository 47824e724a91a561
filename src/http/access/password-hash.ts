/** Hashes of passwords: `$scrypt$ln=14,r=8,p=5$<salt>$<hash>`, cost, salt and hash in base64 without padding (the form of PHC). */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** What a hash costs whoever makes it: 2 ** `ln` blocks of `r` · 128 octets of memory, `p` times. */
interface Cost {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

interface PasswordHash extends Cost {
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** 16 MiB and a quarter of a second of a small machine: as OWASP recommends it where there is little memory. */
const USUAL: Cost = { ln: 14, r: 8, p: 5 };
const SALT_OCTETS = 16;
const HASH_OCTETS = 32;

const FORM =
  /^\$scrypt\$ln=(1[0-7]),r=([1-9]|1[0-6]),p=([1-9]|1[0-6])\$([A-Za-z0-9+/]{22,86})\$([A-Za-z0-9+/]{43,86})$/;

/** Makes a hash with a salt of its own. Takes a while, on a thread of its own. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_OCTETS);
  const hash = await derive(password, salt, HASH_OCTETS, USUAL);
  const { ln, r, p } = USUAL;
  return `$scrypt$ln=${ln},r=${r},p=${p}$${unpadded(salt)}$${unpadded(hash)}`;
}

/**
 * Whether a password is the one of a hash. Without a hash, or with one that is none, it is not, and takes as long: nobody learns from that who
 * has a password.
 */
export async function passwordFits(password: string, written: string | undefined): Promise<boolean> {
  const known = written === undefined ? undefined : parse(written);
  const { salt, hash, ...cost } = known ?? {
    salt: Buffer.alloc(SALT_OCTETS),
    hash: Buffer.alloc(HASH_OCTETS),
    ...USUAL,
  };
  const fits = timingSafeEqual(await derive(password, salt, hash.length, cost), hash);
  return fits && known !== undefined;
}

function parse(written: string): PasswordHash | undefined {
  const [, ln, r, p, salt = '', hash = ''] = FORM.exec(written) ?? [];
  return ln === undefined
    ? undefined
    : {
        ln: Number(ln),
        r: Number(r),
        p: Number(p),
        salt: Buffer.from(salt, 'base64'),
        hash: Buffer.from(hash, 'base64'),
      };
}

function derive(password: string, salt: Buffer, octets: number, { ln, r, p }: Cost): Promise<Buffer> {
  const options = { N: 2 ** ln, r, p, maxmem: 128 * r * (2 ** ln + p + 2) + 1024 };
  return new Promise((resolve, reject) => {
    // Two ways to type one letter are one password (RFC 7617).
    scrypt(password.normalize('NFC'), salt, octets, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

function unpadded(octets: Buffer): string {
  return octets.toString('base64').replace(/=+$/, '');
}
