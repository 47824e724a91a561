/** MsgId of this client's own requests: 1 to 0xFFFF, never 0 (T-13). So few are under way that none comes round again in time. */
export class MsgIdCounter {
  #last = 0;

  next(): number {
    this.#last = this.#last === 0xffff ? 1 : this.#last + 1;
    return this.#last;
  }
}
