// The few functions of pacote and npm-registry-fetch that we use. Their published types bring those of a dozen packages along.

interface RegistryOptions {
  /** Where packages are looked up; npm's own when left out. */
  registry?: string;
  /** npm's folder of what it fetched before. */
  cache?: string;
  /** Subresource integrity: 'sha512-BASE64'. What arrives is compared with it, byte for byte. */
  integrity?: string;
  proxy?: string;
  httpsProxy?: string;
  strictSSL?: boolean;
  fetchRetries?: number;
  fetchRetryMintimeout?: number;
  headers?: Record<string, string>;
}

declare module 'pacote' {
  const pacote: {
    /** Unpacks a package's tarball; its dependencies are left alone and none of its scripts is run. */
    extract(spec: string, folder: string, options: RegistryOptions): Promise<unknown>;
    tarball: {
      /** Writes what the address gives into a file, unchanged. */
      file(spec: string, file: string, options: RegistryOptions): Promise<unknown>;
    };
  };
  export = pacote;
}

declare module 'npm-registry-fetch' {
  const fetch: { json(url: string, options: RegistryOptions): Promise<unknown> };
  export = fetch;
}
