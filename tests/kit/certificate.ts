import { temporaryFolder } from "./temporary.ts";

/** A certificate for localhost and 127.0.0.1 that nobody trusts, made by openssl. */
export interface Certificate extends Disposable {
  /** The certificate, PEM. */
  readonly cert: string;
  /** Its private key, PEM. */
  readonly key: string;
  /** The certificate's file, for `NODE_EXTRA_CA_CERTS`. */
  readonly file: string;
}

/** Makes a self-signed server certificate. */
export function selfSignedCertificate(): Certificate {
  const folder = temporaryFolder();
  const [file, key] = [`${folder.path}/cert.pem`, `${folder.path}/key.pem`];
  const { success } = new Deno.Command("openssl", {
    args: [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
      ...["-keyout", key, "-out", file, "-days", "2", "-subj", "/CN=localhost"],
      ...["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
      ...["-addext", "basicConstraints=critical,CA:FALSE"],
    ],
    stderr: "null",
    stdout: "null",
  }).outputSync();
  if (!success) throw new Error("openssl made no certificate");
  return {
    cert: Deno.readTextFileSync(file),
    key: Deno.readTextFileSync(key),
    file,
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}
