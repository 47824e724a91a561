/** The settings of the status page, as the section `http` has them. */
export interface HttpSettings {
  readonly host: string;
  readonly port: number;
  readonly users: readonly { readonly name: string; readonly passwordHash: string }[];
  readonly token?: string | undefined;
  /** Names under which browsers find this machine; undefined: the usual ones. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Paths of PEM files, both or none. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}
