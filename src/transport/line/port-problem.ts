/** What is wrong with a serial port, and what to do about it. */

/** One sentence for the log. `code`: as `PortOpener` rejects with; `message`: the operating system's words. */
export function explainPortProblem(path: string, code: string, message: string): string {
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

/** A port that was open is gone. */
export function explainPortLoss(path: string, message: string): string {
  return `${path} is gone (unplugged?): ${message}; it is opened again as soon as it is there`;
}
