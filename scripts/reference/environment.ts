/**
 * The environment variables. A test fails when the code reads one that is not listed here.
 *
 * @module
 */

/** A variable, and what it does. */
export interface Variable {
  /** Its name. */
  readonly name: string;
  /** What it does. */
  readonly does: string;
}

/**
 * Those that a person sets, or that another program sets for its own purpose and hushbook honours.
 */
export const VARIABLES: readonly Variable[] = [
  { name: "HF_TOKEN", does: "the token; the first place that is looked at" },
  { name: "HUGGINGFACE_TOKEN", does: "the token, second name" },
  { name: "HUGGING_FACE_HUB_TOKEN", does: "the token, third name" },
  { name: "HF_ENDPOINT", does: "another Hub; the token may be sent there too" },
  { name: "HF_INFERENCE_ENDPOINT", does: "another address for inference; the same" },
  { name: "HF_TOKEN_PATH", does: "the file in which `hf auth login` left its token" },
  { name: "HF_HOME", does: "the folder of that file, which is then `$HF_HOME/token`" },
  { name: "XDG_CACHE_HOME", does: "the same: `$XDG_CACHE_HOME/huggingface/token`" },
  {
    name: "HF_DEVICE_CODE_OAUTH_CLIENT_ID",
    does: "the OAuth app that `deviceSignIn()` signs in to",
  },
  {
    name: "HUSHBOOK_HOME",
    does: "the private folder; an absolute path",
  },
  { name: "XDG_STATE_HOME", does: "the private folder is `$XDG_STATE_HOME/hushbook`" },
  { name: "HOME", does: "where the two folders above are by default" },
  { name: "USERPROFILE", does: "the same on Windows" },
  { name: "LOCALAPPDATA", does: "the private folder on Windows is in it" },
  { name: "NO_COLOR", does: "set to anything: no colour (https://no-color.org)" },
  { name: "VAULT_ADDR", does: "`vault()`: the server's address" },
  { name: "VAULT_TOKEN", does: "`vault()`: the login; else `~/.vault-token`" },
  { name: "VAULT_NAMESPACE", does: "`vault()`: the namespace" },
  { name: "AWS_REGION", does: "`awsSecretsManager()`: the region, where the option is not given" },
  {
    name: "AZURE_CLIENT_SECRET",
    does: "`azureKeyVault()`: read by Azure's SDK; its value is masked in outputs",
  },
];

/** Those that git, the runtime or an installed hook set; nobody sets them by hand. */
export const SET_BY_PROGRAMS: readonly Variable[] = [
  { name: "GIT_INDEX_FILE", does: "set by git: the index that is being committed" },
  { name: "GIT_DIR", does: "set by git: the repository's folder" },
  { name: "GIT_PREFIX", does: "set by git: the folder in which the person is" },
  { name: "GIT_CONFIG_GLOBAL", does: "set for the git of the demo: a configuration of its own" },
  { name: "GIT_CONFIG_NOSYSTEM", does: "the same" },
  {
    name: "GIT_NO_REPLACE_OBJECTS",
    does: "set for git by `scan --history`: what was really committed",
  },
  {
    name: "PRE_COMMIT",
    does: "set to 1 by the pre-commit framework: the index is then left alone",
  },
  { name: "HUSHBOOK_PROGRAM", does: "set by an installed hook: how advice writes the command" },
  { name: "INIT_CWD", does: "set by `deno task`: the folder in which the person is" },
  { name: "JPY_SESSION_NAME", does: "set by Jupyter: the notebook, for the audit log" },
  { name: "PATH", does: "where Deno and git are, at the time of `hook install`" },
  { name: "DENO_DIR", does: "Deno's cache; an installed hook remembers it" },
  { name: "DENO_INSTALL", does: "one of the places where a hook looks for Deno" },
];
