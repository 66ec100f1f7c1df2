/**
 * Hushbook keeps Hugging Face tokens out of Jupyter notebooks.
 *
 * @module
 */

export type { AuditEvent, AuditEventName, AuditOutcome, AuditRecord } from "./src/audit/event.ts";
export { AuditLog, type AuditLogOptions } from "./src/audit/log.ts";
export type { FollowOptions } from "./src/audit/follow.ts";
export { erasePseudonyms, pseudonym, type PseudonymOptions } from "./src/audit/pseudonym.ts";
export type { AuditPurge } from "./src/audit/purge.ts";
export type { AuditFilter, AuditPage, AuditQuery } from "./src/audit/read.ts";
export type { ChainHead } from "./src/audit/record.ts";
export type { AuditProblem, AuditProblemKind } from "./src/audit/classify.ts";
export type { AuditVerification } from "./src/audit/verify.ts";
export {
  AuditError,
  type AuditErrorCode,
  BudgetError,
  type BudgetErrorCode,
  type BudgetErrorFacts,
  ConfigError,
  FileError,
  type FileErrorCode,
  GitError,
  type GitErrorCode,
  HushbookError,
  KernelError,
  type KernelErrorCode,
  LockoutError,
  NotebookError,
  type NotebookErrorCode,
  PromptError,
  type PromptErrorCode,
  RateLimitError,
  type RateLimitErrorCode,
  SourceError,
  type SourceErrorCode,
  StateError,
  type StateErrorCode,
  StoreError,
  type StoreErrorCode,
  TokenError,
  type TokenErrorCode,
  UsageError,
} from "./src/errors.ts";
export {
  RequestError,
  type RequestErrorFacts,
  type RequestErrorKind,
} from "./src/door/request_error.ts";
export type { CallLog, OnAuditFailure } from "./src/inference/audited.ts";
export {
  connect,
  type ConnectedClient,
  type ConnectOptions,
  type HuggingFaceClient,
  type Provider,
} from "./src/inference/connect.ts";
export type { GuardOptions, LimitOptions } from "./src/inference/guard_options.ts";
export { type GuardedFetch, guardedFetch } from "./src/inference/guarded_fetch.ts";
export type { CallWait, OnWait } from "./src/inference/waiting.ts";
export { fingerprint } from "./src/secret/fingerprint.ts";
export { Secret, type SecretKind, type SecretOptions } from "./src/secret/secret.ts";
export {
  type InvalidToken,
  type TokenCheck,
  type TokenKind,
  type TokenProblem,
  validateToken,
  type ValidToken,
} from "./src/secret/validate.ts";
export { createLimiter, type Limiter, type LimiterOptions } from "./src/limits/limiter.ts";
export type { RetryOptions } from "./src/limits/retry_timing.ts";
export type { LimitKey } from "./src/limits/key.ts";
export { type LimitOverview, listLimits, type ListLimitsOptions } from "./src/limits/overview.ts";
export type {
  AcquireOptions,
  LimitStatus,
  LimitWait,
  Permit,
  WindowStatus,
} from "./src/limits/permit.ts";
export type { OnStoreDown } from "./src/limits/redis_home.ts";
export type { WaitReason } from "./src/limits/sliding_window.ts";
export type { Window } from "./src/limits/window.ts";
export type { EnvReader, StateFolderOptions } from "./src/state/folder.ts";
export type { LockOptions } from "./src/state/lock.ts";
export type { Notice } from "./src/state/open_private_file.ts";
export {
  clearLockout,
  Lockout,
  type LockoutOptions,
  type LockoutStatus,
} from "./src/token/lockout.ts";
export { changePassphrase, type ChangePassphraseOptions } from "./src/token/change_passphrase.ts";
export {
  type AwsCredentials,
  awsSecretsManager,
  type AwsSecretsManagerOptions,
  type AwsSecretsManagerSdk,
} from "./src/token/aws_secrets_manager.ts";
export {
  type AzureCredential,
  azureKeyVault,
  type AzureKeyVaultOptions,
  type AzureSdk,
  type AzureSecret,
} from "./src/token/azure_key_vault.ts";
export { deviceSignIn, type DeviceSignInOptions } from "./src/token/device_sign_in.ts";
export { dotenv, type DotenvOptions } from "./src/token/dotenv.ts";
export { encryptedFile, type EncryptedFileOptions } from "./src/token/encrypted_file.ts";
export type { StoreMode } from "./src/token/envelope.ts";
export { environment } from "./src/token/environment.ts";
export { type ExplainedSource, explainToken, TokenExplanation } from "./src/token/explain.ts";
export type { FernetOptions } from "./src/token/fernet.ts";
export { importFernet, type ImportFernetOptions } from "./src/token/import_fernet.ts";
export { keychain, type KeychainOptions, type KeyringPackage } from "./src/token/keychain.ts";
export { type LoadedToken, loadToken, type LoadTokenOptions } from "./src/token/load.ts";
export { hubLogin } from "./src/token/login_file.ts";
export type { AuditSink, TokenOptions } from "./src/token/options.ts";
export type { Person } from "./src/token/person.ts";
export { prompt } from "./src/token/prompt.ts";
export type { Recorder } from "./src/token/record.ts";
export { revokeTokens, type RevokeTokensOptions } from "./src/token/revoke.ts";
export { type RotatedToken, type RotateOptions, rotateToken } from "./src/token/rotate.ts";
export { forgetToken, type SavedToken, type SaveOptions, saveToken } from "./src/token/save.ts";
export type { FoundToken, Sighting, SourceContext, TokenSource } from "./src/token/source.ts";
export type { StoreOptions } from "./src/token/store.ts";
export type { FailureCounter } from "./src/token/unlock.ts";
export { vault, type VaultOptions } from "./src/token/vault.ts";
export type { Identity } from "./src/token/ask_identity.ts";
export type { MinimumRole } from "./src/token/minimum_role.ts";
export { type VerifiedToken, verifyToken, type VerifyTokenOptions } from "./src/token/verify.ts";
export { type KnownIdentity, whoami, type WhoamiOptions } from "./src/token/whoami.ts";
export {
  type Budget,
  type BudgetEstimate,
  type BudgetOptions,
  type BudgetUsage,
  type Ceiling,
  type CeilingStatus,
  createBudget,
  type Reservation,
} from "./src/limits/budget.ts";
export type { Period } from "./src/limits/period.ts";
export type { Price, Prices } from "./src/limits/price.ts";
export { findSecrets, type FoundSecrets } from "./src/notebook/find_secrets.ts";
export {
  type ByteRange,
  type Finding,
  type FindOptions,
  findTokens,
  type Outcome,
  type Removed,
  type ScrubFinding,
  scrubNotebook,
  type ScrubOptions,
  type ScrubResult,
  type SpellingStep,
  stripNotebook,
  type StripOptions,
  type StripResult,
} from "./src/notebook/scrub.ts";
export type { TokenKind as FoundTokenKind, TokenLevel } from "./src/secret/shape.ts";
export {
  type MaskHookName,
  type MaskHookStatus,
  type MaskOptions,
  maskOutputs,
  type MaskStatus,
  type OutputMask,
} from "./src/kernel/mask/mask.ts";
export { maskText } from "./src/kernel/mask/secrets.ts";
export {
  type CellProgress,
  type CellRun,
  type CellStatus,
  type NotebookRun,
  runNotebook,
  type RunNotebookOptions,
} from "./src/kernel/run/run.ts";
export type { KernelOptions } from "./src/kernel/client.ts";
export type { KernelProcessOptions } from "./src/kernel/process.ts";
export type { ExecuteStatus, InputRequest } from "./src/kernel/execution.ts";
export type {
  DisplayOutput,
  ErrorOutput,
  MimeBundle,
  Output,
  ResultOutput,
  StreamOutput,
} from "./src/kernel/outputs.ts";
export type { JsonObject } from "./src/kernel/messages.ts";
export { clearOutput } from "./src/kernel/show/clear.ts";
export { show, type ShowOptions } from "./src/kernel/show/show.ts";
export {
  SecurityBanner,
  securityBanner,
  type SecurityBannerOptions,
} from "./src/security/banner.ts";
export { type SecurityGroup, type SecurityLevel, type SecurityLine } from "./src/security/line.ts";
export {
  SecurityStatus,
  securityStatus,
  type SecurityStatusData,
  type SecurityStatusOptions,
} from "./src/security/status.ts";
export type { FileState, StorageState } from "./src/security/parts/storage.ts";
export type { RecordState } from "./src/security/parts/record.ts";
export type { RepositoryState } from "./src/security/parts/repository.ts";
export type { TokenState } from "./src/security/parts/token.ts";
export {
  type SecurityServer,
  type SecurityServerOptions,
  serveSecurity,
} from "./src/security/server/serve.ts";
export type { Launch } from "./src/git/launcher.ts";
