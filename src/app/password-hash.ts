/** Hashes of passwords for the command line, which knows nothing of the status page. */
export { hashPassword } from '../http/access/password-hash.ts';
