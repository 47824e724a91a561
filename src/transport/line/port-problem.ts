/** What is wrong with a serial port, or with the way to one, and what to do about it. */
import { tcpAddressOf } from './tcp-line.ts';

/** Codes of a port that is not there for now; of what is behind TCP that is everything that ends by itself. */
const ABSENT = new Set([
  'ENOENT',
  'ECONNREFUSED',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'EAI_AGAIN',
]);

/** Whether a port that was lost is still only not there: that is no news. */
export function isAbsence(code: string): boolean {
  return ABSENT.has(code);
}

/** One sentence for the log. `code`: as `PortOpener` rejects with; `message`: the operating system's words. */
export function explainPortProblem(path: string, code: string, message: string): string {
  return tcpAddressOf(path) === undefined
    ? explainDeviceProblem(path, code, message)
    : explainNetworkProblem(path, code, message);
}

function explainDeviceProblem(path: string, code: string, message: string): string {
  const cannot = `cannot open ${path}`;
  switch (code) {
    case 'ENOENT':
      return `${cannot}: there is no such device; is it plugged in? It is opened as soon as it is there ("mqtt-sn-gateway ports" lists what is)`;
    case 'EACCES':
      return `${cannot}: permission denied; add the user of the gateway to the group dialout ("sudo usermod -aG dialout USER"), then log in again`;
    case 'EBUSY':
      return `${cannot}: another program uses it (a second gateway, a serial monitor, ModemManager?); stop it, the port is tried again`;
    case 'ENOTTY':
      return `${cannot}: it is not a serial port; check the setting path`;
    default:
      return `${cannot}: ${message}; it is tried again`;
  }
}

function explainNetworkProblem(path: string, code: string, message: string): string {
  const cannot = `cannot connect to ${path}`;
  switch (code) {
    case 'ECONNREFUSED':
      return `${cannot}: nothing listens there; is ser2net (or whatever serves the line) running, and is this its port? It is tried again`;
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'EHOSTDOWN':
    case 'ENETUNREACH':
      return `${cannot}: the host does not answer; is it switched on, and does a firewall let the gateway through? It is tried again`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${cannot}: the name of the host is not known; check the setting path, or write its address. It is tried again`;
    default:
      return `${cannot}: ${message === '' ? code : message}; it is tried again`;
  }
}

/** A port that was open is gone. */
export function explainPortLoss(path: string, message: string): string {
  return tcpAddressOf(path) === undefined
    ? `${path} is gone (unplugged?): ${message}; it is opened again as soon as it is there`
    : `${path} is gone: ${message}; it is connected again as soon as that is possible`;
}
